import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates {
  caFile: string;
  serverCert: string;
  serverKey: string;
  clientCert: string;
  clientKey: string;
  /** A CA that signed none of the others. */
  strangerCaFile: string;
  remove: () => Promise<void>;
}

/** A throw-away CA with a certificate for localhost and one for a client. Needs the `openssl` command. */
export const makeCertificates = async (): Promise<Certificates> => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-tls-'));
  const at = (name: string): string => join(directory, name);
  const openssl = async (...args: string[]): Promise<void> => {
    try {
      await run('openssl', args, { cwd: directory });
    } catch (error) {
      throw new Error('these tests need the openssl command', { cause: error });
    }
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
  const authority = (name: string): Promise<void> =>
    openssl(
      'req',
      '-x509',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...newKey,
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  const leaf = async (name: string, extensions: string): Promise<void> => {
    await openssl('req', '-subj', `/CN=${name}`, ...newKey, `${name}.key`, '-out', `${name}.csr`);
    await writeFile(at(`${name}.ext`), extensions);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-days', '2', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing);
  };
  await authority('ca');
  await authority('stranger');
  await leaf('server', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n');
  await leaf('client', 'extendedKeyUsage=clientAuth\n');
  return {
    caFile: at('ca.pem'),
    serverCert: at('server.pem'),
    serverKey: at('server.key'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
    strangerCaFile: at('stranger.pem'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
};
