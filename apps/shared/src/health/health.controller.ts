import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import {
  HealthRegistry,
  InjectConnection,
  LifecycleCoordinator,
  type MillraceConnection,
} from '@millrace/core';
import { Public } from '../security/scope.decorators.js';

export class PartHealthDto {
  @ApiProperty({ example: 'receipts' }) name!: string;
  @ApiProperty({ example: 'subscriber' }) kind!: string;
  @ApiProperty({ example: 'circuit-open' }) state!: string;
  @ApiProperty({ required: false }) since?: string;
  @ApiProperty({ required: false }) reason?: string;
}

export class HealthDto {
  @ApiProperty({ example: 'user' }) app!: string;
  @ApiProperty({ enum: ['ready', 'not-ready'] }) status!: 'ready' | 'not-ready';
  @ApiProperty({ description: 'Every part has started, and none has been asked to stop.' }) started!: boolean;
  @ApiProperty({ example: { state: 'connected', since: '2026-01-02T03:04:05.000Z' } })
  nats!: { state: 'connected' | 'reconnecting' | 'closed'; since: string };
  @ApiProperty({
    type: [PartHealthDto],
    description: 'Parts that do less than they are there for: a paused group, an open circuit.',
  })
  degraded!: PartHealthDto[];
  @ApiProperty() uptimeSeconds!: number;
}

/** Whether the process lives, and whether it can do its work. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    @InjectConnection() private readonly connection: MillraceConnection,
    private readonly lifecycle: LifecycleCoordinator,
    private readonly parts: HealthRegistry,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The state of the app; always 200' })
  @ApiOkResponse({ type: HealthDto })
  summary(): HealthDto {
    const { state, since } = this.connection.health.current;
    const started = this.lifecycle.isReady;
    return {
      app: this.connection.name,
      status: started && state === 'connected' ? 'ready' : 'not-ready',
      started,
      nats: { state, since: new Date(since).toISOString() },
      degraded: this.degraded(),
      uptimeSeconds: Math.floor(process.uptime()),
    };
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers; restart it when this does not' })
  @ApiOkResponse({ description: 'It lives.' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The app can take requests' })
  @ApiOkResponse({ type: HealthDto })
  @ApiServiceUnavailableResponse({ type: HealthDto })
  ready(): HealthDto {
    const summary = this.summary();
    if (summary.status === 'ready') return summary;
    const message = summary.started ? `NATS is ${summary.nats.state}` : 'The app is starting or stopping';
    throw new ServiceUnavailableException(Object.assign(summary, { code: 'NOT_READY', message }));
  }

  // None of these makes the app unready: another replica would fare no better.
  private degraded(): PartHealthDto[] {
    return this.parts
      .report()
      .filter(({ degraded }) => degraded)
      .map(({ name, kind, state, since, reason }) => ({
        name,
        kind,
        state,
        ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
        ...(reason === undefined ? {} : { reason }),
      }));
  }
}
