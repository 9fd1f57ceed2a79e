using Unlearn.Cli;

// As 'unlearn transfer'.
return await UnlearnTool.RunAsync(["transfer", .. args], Console.Out, Console.Error, isTerminal: !Console.IsOutputRedirected);
