/** A process that plays one run for its parent: it is told the run, and answers with the figures. */
import { playFederation } from '../federation/play-federation.ts'
import { federationOptions, type Run } from './run.ts'

process.once('message', async (run: Run) => {
  process.send!(await playFederation(federationOptions(run)))
  process.disconnect()
})
// Without its parent nobody wants the answer.
process.once('disconnect', () => process.exit())
