import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';
import { inRoot } from '../lib/workspace.mjs';
import { readYamls } from './deployment.fixture.js';

const require = createRequire(import.meta.url);
const BASE = 'deploy/kubernetes/base';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec?: unknown;
}

/** What kustomize is given, file by file. */
export const MANIFESTS: readonly { file: string; manifest: Manifest }[] = readdirSync(inRoot(BASE), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
  .flatMap((file) =>
    readYamls(`${BASE}/${file}`).map((manifest) => ({ file, manifest: manifest as Manifest })),
  );

interface Model {
  validate(): void;
}

const placeOf = ({ apiVersion, kind }: Manifest): string => `kubernetes-models/${apiVersion}/${kind}`;

/** What the published schema of its kind has against a manifest: a value that is missing, or of a wrong type. */
export const schemaProblem = (manifest: Manifest): string | undefined => {
  const { [manifest.kind]: model } = require(placeOf(manifest)) as Record<
    string,
    new (data: Manifest) => Model
  >;
  if (!model) throw new Error(`there is no model of ${placeOf(manifest)}`);
  try {
    new model(manifest).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
};

/**
 * The properties that no schema knows. The schemas let them pass; types do not, so the manifests are compiled as
 * literals of them.
 */
export const unknownProperties = (manifests: readonly Manifest[]): string[] => {
  const file = inRoot('.build/manifests.ts');
  const lines = manifests.map(
    (manifest, at) =>
      `export const m${at}: import('${placeOf(manifest)}').I${manifest.kind} = ${JSON.stringify(manifest)};\n`,
  );
  mkdirSync(inRoot('.build'), { recursive: true });
  writeFileSync(file, lines.join(''));
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
};
