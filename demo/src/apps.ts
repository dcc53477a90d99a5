import { fileURLToPath } from 'node:url';

/** The reference apps, in the order they take ports. */
export const APP_NAMES = ['user', 'order', 'scheduler'] as const;
export type AppName = (typeof APP_NAMES)[number];

/** The built program of an app. */
export const appMain = (name: AppName): string =>
  fileURLToPath(new URL(`../../apps/${name}/dist/main.js`, import.meta.url));

/** The apps that must react to an event, by its type: a missing subscriber must not pass for a handled event. */
export const AUDIENCE: Readonly<Record<string, readonly AppName[]>> = {
  'timer.ticked': ['user'],
  'user.registered': ['user'],
  'user.unregistered': ['user', 'order'],
  'order.created': ['user', 'order'],
};
