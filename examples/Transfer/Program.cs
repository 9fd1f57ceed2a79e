using Unlearn.Cli;

// As 'unlearn transfer'.
return await UnlearnTool.RunAsync(["transfer", .. args]);
