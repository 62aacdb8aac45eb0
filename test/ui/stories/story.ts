// A story of the robot user: what it tells about, and how it goes. Together the stories tell about every key there is.
import type {ActionId, Context} from '../../../source/ui/keymap/bindings.ts';
import type {Robot, RobotOptions} from '../support/dashboard.ts';

export type Story = {
  readonly title: string;
  /** The bindings that are pressed and whose effect is looked for. */
  readonly covers: readonly `${Context} ${ActionId}`[];
  readonly options?: RobotOptions;
  readonly tell: (robot: Robot) => Promise<void>;
};
