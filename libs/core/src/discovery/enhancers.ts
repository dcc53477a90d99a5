import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import type { ApplicationConfig, ModuleRef, NestContainer } from '@nestjs/core';

const DECLARED = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];

/**
 * Whether a guard, pipe, interceptor or exception filter applies to a method: one of its own, of its class, or of
 * the whole application, as they stand now. `true` also where that cannot be told.
 */
export const hasEnhancers = (moduleRef: ModuleRef, target: Function, method: object): boolean => {
  const config = configOf(moduleRef);
  if (!config || globalEnhancersOf(config).some(({ length }) => length > 0)) return true;
  return DECLARED.some((key) => Reflect.hasMetadata(key, target) || Reflect.hasMetadata(key, method));
};

// `protected`, for those that extend ModuleRef: nothing else tells of an application's global enhancers. To extend it
// here would load all of @nestjs/core with this package.
const configOf = (moduleRef: ModuleRef): ApplicationConfig | undefined => {
  const container: NestContainer | undefined = moduleRef['container'];
  return container?.applicationConfig;
};

const globalEnhancersOf = (config: ApplicationConfig): readonly (readonly unknown[])[] => [
  config.getGlobalGuards(),
  config.getGlobalPipes(),
  config.getGlobalInterceptors(),
  config.getGlobalFilters(),
  config.getGlobalRequestGuards(),
  config.getGlobalRequestPipes(),
  config.getGlobalRequestInterceptors(),
  config.getGlobalRequestFilters(),
];
