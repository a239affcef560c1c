import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { ASSAY } from '@assay/sdk/client/amounts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseCourtBudget } from '../court-budget.ts'
import { type DaemonOptions, daemonConfig, daemonPackage, withDaemon } from '../daemon-options.ts'
import { parseAmount, parseTaskId } from '../format.ts'
import { readerOf } from '../options.ts'
import { poolRootsOf } from '../pool-roots.ts'

interface OracleOptions extends DaemonOptions {
  pool?: string
  join?: string
  courtBudget: string
  jurorStake?: string
}

/** `assay oracle <task>` */
export function addOracle(program: Command): void {
  const command = addVerb(program, {
    usage: 'oracle <task>',
    summary: "Run a validator's oracle: verify, score, vote, until interrupted.",
    details:
      "It waits for the held-out pool, which the task's owner and every oracle that has it seal to validators through the store. It checks the pool's root, tries whether it can judge, says on chain that it is ready, keeps the pool in its data directory, readable by you alone, and seals it to those who join later. It does the same with a pool that the owner announces, while the current one judges. Until it is ready the validator has no duties and can leave at once. In its turn it has verdicts of the court noted and carried out; it asks for windows that were withheld from it, accuses who withholds an opening, whose training its own replay contradicts, or who scored or voted what its own computation contradicts, and appeals what contradicts its own computation, only within --court-budget. With enough free stake it joins the jury of the court once: that stake then answers for its votes in cases of all tasks, and earns fees. --juror-stake 0 keeps it out, or has it leave. It votes about verdicts that the guardian suspends, by what it computed itself. It keeps the updates that it scored for as long as a case can be about them, and shows them to jurors when it is accused. Who gives the pool to a contributor ruins the task. It can be killed at any time and continues from its data directory; nothing is posted twice. It waits for what may come, and ends with code 1 and the fix when nothing can: the task is over, the stake is missing, the chain is another one, or another daemon has the same key. The log is JSON on stderr.",
    examples: ['assay oracle 1 --data-dir ./validator --store-url http://127.0.0.1:8080 --keystore me.json'],
  })
  withDaemon(command)
    .option('--pool <file>', "the task's held-out pool, if its owner gave you the file itself")
    .option('--join <amount>', 'ASSAY of free stake to join the validators with, unless the account is one')
    .option(
      '--court-budget <amount>',
      'ASSAY of your wallet to ask for withheld windows, to accuse who withholds openings, fakes training, or scores or votes falsely, and to appeal: the most that it may lose as bonds in the task',
      '0',
    )
    .option(
      '--juror-stake <amount>',
      'ASSAY of free stake to sit in the jury of the court with; 0 leaves it (default: the least of a juror, if the free stake covers it)',
    )
    .action(async (task: string, options: OracleOptions) => {
      const found = await daemonPackage(options)
      const taskId = parseTaskId(task)
      const config = await daemonConfig(taskId, options, found)
      const { pool: poolFile } = options
      if (found !== undefined && poolFile !== undefined)
        await requirePool(poolFile, found.spec, { taskId, options })
      const join =
        options.join === undefined
          ? {}
          : { joinStakeWei: parseAmount(options.join, ASSAY, { field: '--join' }) }
      const courtBudgetWei = parseCourtBudget(options.courtBudget)
      const juror =
        options.jurorStake === undefined
          ? {}
          : {
              jurorStakeWei: parseAmount(options.jurorStake, ASSAY, {
                field: '--juror-stake',
                mayBeZero: true,
              }),
            }
      // Loaded only here: the other verbs start faster without an engine.
      const { runOracle } = await import('@assay/oracle/run-oracle.ts')
      await runOracle({ config: { ...config, ...join, ...juror, poolFile, courtBudgetWei } })
    })
}

/** Without the package at hand, the oracle checks the pool once it has fetched it, before it joins. */
async function requirePool(
  file: string,
  spec: TaskSpec,
  { taskId, options }: { taskId: bigint; options: DaemonOptions },
): Promise<void> {
  // Loaded only here: the other verbs start faster without an engine.
  const { readOnePool } = await import('../read-package.ts')
  const { root } = await readOnePool(file, spec)
  if (root === spec.pool.root) return
  // A node that is down may come back: then the oracle compares the roots.
  const roots = await poolRootsOf(await readerOf(options), taskId).catch(() => undefined)
  if (roots !== undefined) await readOnePool(file, spec, [spec.pool.root as Hash, ...roots])
}
