using Unlearn.Cli;

return await UnlearnTool.RunAsync(args, Console.Out, Console.Error, isTerminal: !Console.IsOutputRedirected);
