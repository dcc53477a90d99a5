import { IsEmail, IsInt, IsISO31661Alpha2, IsOptional, IsString, Length, Max, Min } from 'class-validator';

/** Bounds under which the total of an order stays a safe integer. */
export const ORDER_LIMITS = { lines: 100, quantity: 100_000, unitPriceCents: 100_000_000 } as const;

/** One line of an order. Money is in whole cents. */
export class OrderLine {
  @IsString() @Length(1, 64) sku!: string;
  @IsInt() @Min(1) @Max(ORDER_LIMITS.quantity) quantity!: number;
  @IsInt() @Min(0) @Max(ORDER_LIMITS.unitPriceCents) unitPriceCents!: number;

  constructor(fields: OrderLine) {
    Object.assign(this, fields);
  }
}

/** Where an order goes. */
export class Address {
  @IsString() @Length(1, 100) name!: string;
  @IsString() @Length(1, 200) street!: string;
  @IsString() @Length(1, 16) postalCode!: string;
  @IsString() @Length(1, 100) city!: string;
  /** ISO 3166-1, two letters, as in `AT`. */
  @IsISO31661Alpha2() country!: string;

  constructor(fields: Address) {
    Object.assign(this, fields);
  }
}

/** Whom to reach about an order. */
export class Contact {
  @IsOptional() @IsEmail() email?: string;
  @IsOptional() @IsString() @Length(3, 32) phone?: string;

  constructor(fields: Contact) {
    Object.assign(this, fields);
  }
}
