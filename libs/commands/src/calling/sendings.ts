import { ClassOf, Declarations, ErrorCode, MillraceError } from '@millrace/core';
import { CommandContract, commandContractOf } from '../contracts/command.decorator.js';

/** The commands that an application says it sends. */
export interface CommandDeclarations {
  /**
   * The commands that this application sends by `execute`, `stream` or `scatter`. Where `sends` or `dispatches` is said,
   * in `forRoot` or any `forFeature`, sending another one fails with `COMMAND_UNDECLARED`; it is what `millrace
   * permissions` goes by. Default: any.
   */
  sends?: readonly ClassOf<object>[];
  /** The commands that it stores in the work queue, by `dispatch`. */
  dispatches?: readonly ClassOf<object>[];
}

/** How a command is sent. */
export type SendingWay = 'sends' | 'dispatches';

interface Sending {
  readonly way: SendingWay;
  readonly contract: CommandContract;
}

/** What an application says that it sends. Where it says nothing, it may send anything. */
export class Sendings {
  private readonly declarations = new Declarations<Sending>();

  /** @throws MillraceError `CONTRACT_UNKNOWN` */
  declare({ sends, dispatches }: CommandDeclarations): void {
    if (!sends && !dispatches) return;
    const all = [...sendingsBy('sends', sends), ...sendingsBy('dispatches', dispatches)];
    this.declarations.declare(all.map((sending) => [placeOf(sending), sending]));
  }

  all(way: SendingWay): CommandContract[] {
    return this.declarations.all().flatMap((sending) => (sending.way === way ? [sending.contract] : []));
  }

  /** @throws MillraceError `COMMAND_UNDECLARED` */
  assertDeclared(contract: CommandContract, way: SendingWay): void {
    if (this.declarations.allows(placeOf({ way, contract }))) return;
    const { type, target } = contract;
    throw new MillraceError(
      ErrorCode.CommandUndeclared,
      `${type} is not among the commands that this application says it ${way}`,
      {
        remedy: `Add ${target.name} to '${way}' of CommandsModule.forRoot or forFeature, and give the application's user the right`,
        details: { type, way },
      },
    );
  }
}

const placeOf = ({ way, contract }: Sending): string => `${way} ${contract.type}`;

const sendingsBy = (way: SendingWay, targets: readonly ClassOf<object>[] = []): Sending[] =>
  targets.map((target) => ({ way, contract: commandContractOf(target) }));
