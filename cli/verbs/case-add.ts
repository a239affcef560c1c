import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { penaltyShare } from '@assay/sdk/protocol/penalties.ts'
import { accusePass, accusePassCall, readPassClaims } from '@assay/sdk/verbs/court/accuse-pass.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { parseCaseId } from '../case-id.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseAddress } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** `assay case add <case>` */
export function addAdd(court: Command): void {
  const command = addVerb(court, {
    usage: 'add <case>',
    summary: 'Accuse a validator, too, that claims to have replayed the window of a case about a step.',
    details:
      'While the case has no verdict. It takes no bond. If the case ends guilty, have the penalty of the validator taken with assay case execute --defendant; else it loses nothing, and gets the pay back that the case keeps meanwhile.',
    examples: ['assay case add 3 --passed 0x… --keystore me.json'],
  })
  withTransaction(command)
    .requiredOption('--passed <validator>', 'who claims to have replayed the window', parseAddress)
    .action((text: string, options: KeyOptions & { passed: Address }) => addPass(parseCaseId(text), options))
}

async function addPass(
  caseId: bigint,
  { passed, ...options }: KeyOptions & { passed: Address },
): Promise<void> {
  await perform(options, async (reader) => {
    const { facts } = await readCase(reader, { caseId })
    if (facts.kind !== 'falseStep')
      throw new CliError('failed', `Case ${caseId} isn't about a false step.`, 'Name a case about a step.')
    const claims = await readPassClaims(reader, { facts })
    const claim = claims.find(({ validator }) => validator.toLowerCase() === passed.toLowerCase())
    if (claim === undefined) {
      const who = claims.map(({ validator }) => validator).join(', ') || 'nobody'
      throw new CliError(
        'failed',
        `${passed} does not claim to have replayed window ${facts.subject} of ${facts.defendant} in round ${facts.round}. That is claimed by: ${who}.`,
        'Only the seat that had to replay the window can claim that, and only if its sheet says that it replayed all of its windows.',
      )
    }
    const params = await readTaskParams(reader, { taskId: facts.taskId })
    const share = penaltyShare('passClaimed', 0) / 100
    const least = amountText((params.minValidatorStake * BigInt(share)) / 100n, ASSAY)
    const parameters = { caseId, facts, ...claim }
    return {
      title: `Accuse ${passed} in case ${caseId} of claiming that it replayed window ${facts.subject}`,
      moves: [],
      notes: [
        `If case ${caseId} ends guilty, ${passed} loses ${share} % of its least stake for each unit of its weight, at least ${least}`,
        `40 % of that go to ${facts.challenger}, who opened the case`,
      ],
      calls: [accusePassCall(reader.deployment, parameters)],
      send: (client) => accusePass(client, parameters),
      done: () => ({
        data: { caseId, validator: passed },
        text: `${passed} is accused in case ${caseId}, too: assay case show ${caseId}`,
      }),
    }
  })
}
