// One process of the drill: what it is to do comes as its argument, and its end with that of the drill.
import 'reflect-metadata';
import { shiftWallClock } from './wall.clock.js';
import { NestFactory } from '@nestjs/core';
import { readSettings, RoleCommand, RoleReady } from './role.settings.js';

process.on('message', ({ shiftMs }: RoleCommand) => shiftWallClock(shiftMs));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// Not before the clock is replaced: a library may keep a reference to it.
const { RoleModule } = await import('./role.module.js');
const app = await NestFactory.createApplicationContext(RoleModule.of(readSettings()), {
  logger: ['error', 'warn'],
});
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
const ready: RoleReady = { kind: 'ready' };
process.send?.(ready);
