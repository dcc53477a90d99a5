import { applyDecorators } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiProperty,
  ApiPropertyOptional,
  ApiServiceUnavailableResponse,
} from '@nestjs/swagger';

export class ViolationDto {
  @ApiProperty({ example: 'lines.0.quantity' }) path!: string;
  @ApiProperty({ example: 'min' }) constraint!: string;
  @ApiProperty({ example: 'quantity must not be less than 1' }) message!: string;
}

/** Every error, as the OpenAPI page shows it. */
export class ErrorDto {
  @ApiProperty({ example: 409 }) statusCode!: number;
  @ApiProperty({ example: 'USER_EXISTS', description: 'Stable, to match on.' }) code!: string;
  @ApiProperty() message!: string;
  @ApiPropertyOptional({ type: [ViolationDto], description: 'Of a 400: what is wrong, by path.' })
  violations?: ViolationDto[];
  @ApiPropertyOptional({ description: 'Of a 503: whether it may have happened all the same.' })
  mayBeStored?: boolean;
}

/** The answers that any route may give. */
export const ApiCommonErrors = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    ApiBadRequestResponse({ type: ErrorDto, description: 'The request is not valid.' }),
    ApiServiceUnavailableResponse({ type: ErrorDto, description: 'NATS is away; try again.' }),
  );
