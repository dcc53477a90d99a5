export { Lock } from './lease/lock.js';
