export interface Good {
  readonly sku: string;
  readonly description: string;
  readonly price: string;
}

/** With all that makes descriptions hard to read: commas, quotes, line breaks, letters that are not ASCII. */
export const GOODS: readonly [Good, ...Good[]] = [
  { sku: '85123A', description: 'WHITE HANGING HEART T-LIGHT HOLDER', price: '2.55' },
  { sku: '71053', description: 'WHITE METAL LANTERN', price: '3.39' },
  { sku: '22752', description: 'SET 7 BABUSHKA NESTING BOXES', price: '7.65' },
  { sku: '21730', description: 'GLASS STAR FROSTED T-LIGHT HOLDER', price: '4.25' },
  { sku: '22633', description: 'HAND WARMER UNION JACK', price: '1.85' },
  { sku: '84879', description: 'ASSORTED COLOUR BIRD ORNAMENT', price: '1.69' },
  { sku: '22745', description: "POPPY'S PLAYHOUSE BEDROOM", price: '2.1' },
  { sku: '22622', description: 'BOX OF VINTAGE ALPHABET BLOCKS, LARGE', price: '9.95' },
  { sku: '48187', description: 'DOORMAT "NEW ENGLAND"', price: '7.95' },
  { sku: '21754', description: 'HOME BUILDING BLOCK WORD', price: '5.95' },
  { sku: '22914', description: 'BLUE COAT RACK,\r\nPARIS FASHION', price: '4.95' },
  { sku: '21756', description: 'BATH BUILDING BLOCK WORD', price: '5.95' },
  { sku: '22802', description: 'CAFÉ SIGN, ENAMELLED', price: '12.75' },
  { sku: '23344', description: 'GIFT TAG, £1 EACH', price: '1' },
  { sku: 'POST', description: 'POSTAGE', price: '18' },
  { sku: '21777', description: '', price: '0' },
  { sku: '22423', description: 'REGENCY CAKESTAND 3 TIER', price: '12.745' },
];

export const COUNTRIES: readonly [string, ...string[]] = [
  'United Kingdom',
  'United Kingdom',
  'United Kingdom',
  'France',
  'Germany',
  'EIRE',
  'Norway',
];
