using Unlearn.Cli;

return await UnlearnTool.RunAsync(args);
