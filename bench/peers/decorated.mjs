// What decorators make of classes, in plain JavaScript.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

/**
 * A controller with one handler of events.
 *
 * @param {string} pattern
 * @param {readonly ParameterDecorator[]} parameters of the handler, one after the other
 * @param {(...args: any[]) => void} handle
 */
export const controllerOf = (pattern, parameters, handle) => {
  class Handling {
    on(...args) {
      handle(...args);
    }
  }
  const { prototype } = Handling;
  Reflect.decorate(
    [EventPattern(pattern)],
    prototype,
    'on',
    Object.getOwnPropertyDescriptor(prototype, 'on'),
  );
  for (const [at, parameter] of parameters.entries()) parameter(prototype, 'on', at);
  Controller()(Handling);
  return Handling;
};

/** @param {import('@nestjs/common').ModuleMetadata} metadata */
export const moduleOf = (metadata) => {
  class App {}
  Module(metadata)(App);
  return App;
};
