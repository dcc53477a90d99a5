import { ErrorCode } from '../errors/error-codes.js';
import { MillraceError } from '../errors/millrace.error.js';
import { ClassOf, EventContract, eventContractOf } from './event.decorator.js';

/** The event contracts one app knows, by name and version. */
export class ContractRegistry {
  private readonly byType = new Map<string, Map<number, EventContract>>();

  /** @throws `CONTRACT_DUPLICATE` where another class has this name and version. */
  register(target: ClassOf<object>): EventContract {
    const contract = eventContractOf(target);
    const versions = this.byType.get(contract.type) ?? new Map<number, EventContract>();
    const known = versions.get(contract.version);
    if (known && known.target !== target) {
      throw new MillraceError(
        ErrorCode.ContractDuplicate,
        `${known.target.name} and ${target.name} both declare '${contract.type}' version ${contract.version}`,
        {
          remedy: 'Raise the version of one of them, or keep only one class',
          details: { type: contract.type, version: contract.version },
        },
      );
    }
    versions.set(contract.version, contract);
    this.byType.set(contract.type, versions);
    return contract;
  }

  /** The contract of this name and version, or the newest one of the name where no version is given. */
  find(type: string, version?: number): EventContract | undefined {
    const versions = this.byType.get(type);
    if (!versions || version !== undefined) return versions?.get(version ?? 0);
    return versions.get(Math.max(...versions.keys()));
  }

  has(type: string): boolean {
    return this.byType.has(type);
  }

  /** Every contract, by name and version. */
  list(): EventContract[] {
    return [...this.byType.values()].flatMap((versions) => [...versions.values()]);
  }
}
