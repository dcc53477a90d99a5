// What a build machine leaves behind in files: where its packages came from, and where its folders lie.

const REGISTRY = /https?:\/\/[\w.-]*(?:registry|npmjs|yarnpkg|artifactory|nexus|verdaccio)[\w.:/-]*/i;
const RESOLVED = /"resolved": "https?:/;
// A path at the start of a line or after what cannot be part of a longer one.
const MACHINE_PATH =
  /(?<![\w.~$}\])/-])\/(?:root|work|workspaces?|mnt|builds?|home\/[\w.-]+|Users\/[\w.-]+)\/[\w.-]/;

/**
 * Where a text names a package registry's host or an absolute path of somebody's machine.
 *
 * @param {string} text
 * @returns {{ line: number, found: string }[]}
 */
export const machineTraces = (text) =>
  text.split('\n').flatMap((content, index) => {
    const match = REGISTRY.exec(content) ?? RESOLVED.exec(content) ?? MACHINE_PATH.exec(content);
    return match ? [{ line: index + 1, found: match[0] }] : [];
  });
