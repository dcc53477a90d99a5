import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import { Encrypted, Event } from '@millrace/events';
import { Address, Contact, ORDER_LIMITS } from './order.parts.js';
import { Goods } from './stock.events.js';

abstract class ShipmentStep {
  /** One for each order. */
  @IsString() @Length(1, 100) shipmentId!: string;
  @IsString() @Length(1, 64) orderId!: string;
  /** ISO 8601. */
  @IsISO8601({ strict: true }) at!: string;
}

/** The contract of an order is signed: its goods are to be sent. */
@Event('shipment.requested', { key: 'orderId' })
export class ShipmentRequested extends ShipmentStep {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(ORDER_LIMITS.lines)
  @ValidateNested({ each: true })
  @Type(() => Goods)
  goods!: Goods[];

  /** Where to; without one, the goods are fetched. */
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
  @Encrypted() @IsOptional() @ValidateNested() @Type(() => Contact) contact?: Contact;

  constructor(fields: ShipmentRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** A carrier takes it. Answers `shipment.requested`. */
@Event('shipment.booked', { key: 'orderId' })
export class ShipmentBooked extends ShipmentStep {
  @IsString() @Length(1, 64) carrier!: string;

  constructor(fields: ShipmentBooked) {
    super();
    Object.assign(this, fields);
  }
}

/** No carrier takes it. Answers `shipment.requested`. */
@Event('shipment.refused', { key: 'orderId' })
export class ShipmentRefused extends ShipmentStep {
  @IsString() @Length(1, 200) reason!: string;

  constructor(fields: ShipmentRefused) {
    super();
    Object.assign(this, fields);
  }
}

/** A shipment is not wanted any more, booked or not. */
@Event('shipment.cancel-requested', { key: 'orderId' })
export class ShipmentCancelRequested extends ShipmentStep {
  constructor(fields: ShipmentCancelRequested) {
    super();
    Object.assign(this, fields);
  }
}

/** No carrier has it, nor will have. Answers `shipment.cancel-requested`. */
@Event('shipment.cancelled', { key: 'orderId' })
export class ShipmentCancelled extends ShipmentStep {
  constructor(fields: ShipmentCancelled) {
    super();
    Object.assign(this, fields);
  }
}
