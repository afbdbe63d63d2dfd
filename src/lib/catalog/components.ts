import type { Component } from '../domain/component.ts';
import { CONTAINER_COMPONENTS } from './components/container.ts';
import { HOST_COMPONENTS } from './components/host.ts';
import { TERMINA_COMPONENTS } from './components/termina.ts';

/** Every component of the map: the guide's rows, their halves, and the neighbours that they talk to; lane by lane. */
export const COMPONENTS: readonly Component[] = [...HOST_COMPONENTS, ...TERMINA_COMPONENTS, ...CONTAINER_COMPONENTS];
