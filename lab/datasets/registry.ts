import { clothes } from './clothes.ts'
import { digits } from './digits.ts'
import type { LabDataset } from './lab-dataset.ts'
import { table } from './table.ts'

/** In the order of the help. */
export const DATASETS: readonly LabDataset[] = [digits, clothes, table]
