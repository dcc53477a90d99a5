import { ApiProperty } from '@nestjs/swagger';
import { IsDefined } from 'class-validator';
import { Bucket } from '@millrace/storage';

/** What somebody put, by the key under which they did. */
@Bucket('user-storage')
export class StoredValue {
  @ApiProperty({ description: 'Any JSON but null.', example: { colour: 'blue' } })
  @IsDefined()
  value!: unknown;
}
