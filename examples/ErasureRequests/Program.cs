using Unlearn.Examples.ErasureRequests;

return await ErasureCommand.RunAsync(args);
