import { fakeWork } from '../behaviours/fake-work.ts'
import { ofBehaviour } from './of-behaviour.ts'

export const partialWork = {
  ...ofBehaviour(fakeWork),
  name: 'partial-work',
  description: 'train half of the windows, make up the others, and show them as training',
}
