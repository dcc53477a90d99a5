import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { StoredValue } from './values.bucket.js';

/** Which value a request is about. */
export class ValueParams {
  @ApiProperty({ minLength: 1, maxLength: 256 }) @IsString() @Length(1, 256) key!: string;
}

/** A stored value, as it is told. */
export class ValueDto extends StoredValue {
  @ApiProperty() key!: string;
  @ApiProperty({ description: 'Grows with every write.' }) revision!: number;
}

/** What a put answers. */
export class PutAnswerDto {
  @ApiProperty() key!: string;
  @ApiProperty({ description: 'Grows with every write.' }) revision!: number;
}

/** What a clear answers. */
export class ClearAnswerDto {
  @ApiProperty({ description: 'How many values there were.' }) cleared!: number;
}
