/**
 * How Node is told to run a controller. A fleet's patch makes much garbage that dies young: collecting it in small portions, and the old part of
 * the heap when it has grown by half instead of by several times, takes 100 MB less memory at 5,000 images.
 */
export const controllerNodeFlags: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=50'];
