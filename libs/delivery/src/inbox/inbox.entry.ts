/** What the inbox has about a message and a group. */
export type InboxEntry =
  /** A replica is at it. */
  | { readonly kind: 'claimed'; readonly claim: string; readonly sequence: number }
  | { readonly kind: 'handled' };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** As it is stored: `{"claim":"<uuid>"}`. */
export const claimedBody = (claim: string): Uint8Array => encoder.encode(JSON.stringify({ claim }));

/** As it is stored: `{"handled":true}`. */
export const HANDLED_BODY = encoder.encode('{"handled":true}');

/** What is stored, read. What somebody else wrote there counts as a claim, which ends when its time does. */
export const readEntry = ({ data, seq }: { data: Uint8Array; seq: number }): InboxEntry => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(data));
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return { kind: 'claimed', claim: '', sequence: seq };
  if ('handled' in parsed && parsed.handled === true) return { kind: 'handled' };
  const claim = 'claim' in parsed && typeof parsed.claim === 'string' ? parsed.claim : '';
  return { kind: 'claimed', claim, sequence: seq };
};
