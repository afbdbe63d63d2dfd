import { resolve } from '$app/paths';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import type { Component } from '#lib/domain/component.ts';

/** The name of a component. */
export const nameOf = (id: string): string => COMPONENTS.find((component) => component.id === id)?.name ?? id;

/** The name of a log. */
export const sourceLabel = (id: string): string => LOG_SOURCES.find((source) => source.id === id)?.label ?? id;

export const sheetTitle = (id: string): string => SHEETS.find((sheet) => sheet.id === id)?.title ?? id;

/** The address of a sheet, filled for a component. */
export const sheetHref = (id: string, { parameters }: Component): string =>
  `${resolve('/(guide)/sheets/[id]', { id })}?${new URLSearchParams(parameters)}`;
