/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, resolved?: string }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lock
 */

/**
 * What the lock file asks for that is not installed. npm keeps what it installed in
 * node_modules/.package-lock.json, in the same form.
 *
 * @param {Lock} wanted
 * @param {Lock} installed
 * @returns {string[]} the paths of the packages that are missing or of another version
 */
export const missingFrom = (wanted, installed) =>
  Object.entries(wanted.packages ?? {})
    .filter(([path]) => path.split('/').includes('node_modules'))
    // Packages for other platforms are in the lock file, and never installed.
    .filter(([path, { optional }]) => !(optional && !installed.packages?.[path]))
    .filter(([path, entry]) => !isSame(entry, installed.packages?.[path]))
    .map(([path]) => path);

/** @param {LockEntry} wanted @param {LockEntry | undefined} installed */
const isSame = (wanted, installed) =>
  installed !== undefined &&
  wanted.version === installed.version &&
  Boolean(wanted.link) === Boolean(installed.link) &&
  (!wanted.link || wanted.resolved === installed.resolved);
