import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import { IfGiven } from '@millrace-apps/shared';
import { NOTIFICATION_TYPES, type NotificationType } from '../notification.text.js';

const MAX_CHANNELS = 20;

export class ChannelDto {
  @ApiProperty({ example: 'webhook', minLength: 1, maxLength: 32 })
  @IsString()
  @Length(1, 32)
  channel!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { url: 'https://example.org/hooks/millrace' },
    description: "What the channel needs. The webhook's secret is told once, when it is made.",
  })
  @IfGiven()
  @IsObject()
  settings?: object;
}

/** `PUT /users/:id/notification-preferences`, and what is answered. */
export class PreferencesDto {
  @ApiPropertyOptional({
    enum: NOTIFICATION_TYPES,
    isArray: true,
    description: 'Of which events the user is told at all. Absent: of all.',
  })
  @IfGiven()
  @IsArray()
  @ArrayUnique()
  @IsIn(NOTIFICATION_TYPES, { each: true })
  types?: NotificationType[];

  @ApiProperty({ type: [ChannelDto], description: 'Over which channels, beside the inbox.' })
  @IsArray()
  @ArrayMaxSize(MAX_CHANNELS)
  @ArrayUnique((choice: ChannelDto | null) => choice?.channel, {
    message: 'channels must each be there once',
  })
  @ValidateNested({ each: true })
  @Type(() => ChannelDto)
  channels!: ChannelDto[];
}
