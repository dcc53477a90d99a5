import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @param {string} name @returns {string} the version that is installed */
export const versionOf = (name) => require(`${name}/package.json`).version;

/** Of the packages that all others here are built on, as the names of contenders tell them. */
export const builtOn = `Nest ${versionOf('@nestjs/core')}, nats ${versionOf('nats')}`;
