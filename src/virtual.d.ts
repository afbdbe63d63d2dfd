/** Made by a plugin in vite.config.ts. */
declare module 'virtual:services-diagram' {
  const layouts: Readonly<
    Record<
      import('./lib/domain/diagram/shapes.ts').DiagramShape,
      import('./lib/domain/diagram/layout.ts').DiagramLayout
    >
  >;
  export default layouts;
}
