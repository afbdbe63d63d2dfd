import { describeStandIns } from './stand-ins/index.ts';

describeStandIns(1);
