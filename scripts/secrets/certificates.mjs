import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(/** @type {Crypto} */ (webcrypto));

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const NODE_DAYS = 365;

/** @typedef {{ certificate: string, key: string }} Pair a certificate and its key, both as PEM */

const newKeys = () => webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);

/** @param {CryptoKey} key */
const keyPem = async (key) =>
  PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/** @param {string} pem @returns {Promise<CryptoKey>} */
const keyOf = async (pem) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), CURVE, false, ['sign']);

/** Good from an hour ago, for clocks that are late. @param {number} days */
const validity = (days) => ({
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

// Positive, as RFC 5280 asks for: the first bit is 0.
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;

/** An authority that signs certificates of nodes, and no further authority. @returns {Promise<Pair>} */
export const makeAuthority = async () => {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Millrace NATS authority',
    keys,
    signingAlgorithm: SIGNING,
    ...validity(AUTHORITY_DAYS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: `${await keyPem(keys.privateKey)}\n` };
};

/**
 * What a NATS node shows: to clients as a server, to the other nodes as a server and as a client.
 *
 * @param {Pair} authority
 * @param {readonly string[]} hosts names and addresses
 * @returns {Promise<Pair>}
 */
export const makeNodeCertificate = async (authority, hosts) => {
  const keys = await newKeys();
  const issuer = new Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Millrace NATS node',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await keyOf(authority.key),
    signingAlgorithm: SIGNING,
    ...validity(NODE_DAYS),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await AuthorityKeyIdentifierExtension.create(issuer),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: `${await keyPem(keys.privateKey)}\n` };
};

/** Whether the authority signed it. @param {string} certificate @param {string} authority */
export const isSignedBy = (certificate, authority) =>
  new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
