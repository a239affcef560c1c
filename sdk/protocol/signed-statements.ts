/** What validators sign when others send it: the twin of contracts/libraries/SignedStatements.sol. No statement is relayed yet. */
import { type CommitmentPlace, roundsDomain } from './commitments.ts'
import type { Hash } from './random.ts'

/** Kinds of statements by number. A vote's slot is the cohort, `ROOT_COHORT` for the next model; that of sheets is the attempt. */
export const STATEMENT_KINDS = { vote: 1, sheets: 2 } as const
export type StatementKind = keyof typeof STATEMENT_KINDS

/** Where a statement counts. An account makes one for each slot: two different ones cost it all of its base. */
export type StatementSlot = CommitmentPlace & { kind: StatementKind; slot: number }

/**
 * EIP-712 typed data of a statement. Note what was signed for a slot before it is signed, and never sign another value for it.
 *
 * @param statement value: of a vote the hash voted for, of sheets the commitment
 */
export function statementTypedData(statement: StatementSlot & { value: Hash }) {
  const { chainId, rounds, kind, taskId, round, slot, value } = statement
  return {
    domain: roundsDomain(chainId, rounds),
    types: {
      Statement: [
        { name: 'kind', type: 'uint8' },
        { name: 'taskId', type: 'uint64' },
        { name: 'round', type: 'uint32' },
        { name: 'slot', type: 'uint32' },
        { name: 'value', type: 'bytes32' },
      ],
    },
    primaryType: 'Statement',
    message: { kind: STATEMENT_KINDS[kind], taskId, round, slot, value },
  } as const
}
