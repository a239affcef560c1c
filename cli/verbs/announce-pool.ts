import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { announcePool, announcePoolCall } from '@assay/sdk/verbs/tasks/announce-pool.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** `assay task announce-pool` */
export function addAnnouncePool(task: Command): void {
  const command = addVerb(task, {
    usage: 'announce-pool <task> <root>',
    summary: 'Announce a new held-out pool, because the old one leaked or is worn out.',
    details:
      'The root is that of the new pool file. It counts from the round after the next one on, and validators count with it only once they have it: give it to them before. Contributors who leave before they submit to a round with it lose no held pay. One pool can be announced at a time.',
    examples: [`assay task announce-pool 1 0x${'ab'.repeat(32)} --keystore me.json`],
  })
  withTransaction(command).action(async (task: string, text: string, options: KeyOptions) => {
    const parameters = { taskId: parseTaskId(task), poolRoot: parseRoot(text) }
    const { taskId, poolRoot } = parameters
    await perform(options, async (reader) => ({
      title: `Announce the pool ${poolRoot} in task ${taskId}`,
      moves: [],
      notes: ['No round opens with it before 2k + 1 validators are ready for it'],
      calls: [announcePoolCall(reader.deployment, parameters)],
      send: (client) => announcePool(client, parameters),
      done: ({ firstRound }) => ({
        data: { taskId, poolRoot, firstRound },
        text: `Announced: it is the pool of task ${taskId} from round ${firstRound} on.`,
      }),
    }))
  })
}

function parseRoot(text: string): Hash {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as Hash
  throw new CliError(
    'usage',
    `"${plainText(text)}" is not the root of a pool.`,
    'Give 0x and 64 lowercase hexadecimal digits.',
  )
}
