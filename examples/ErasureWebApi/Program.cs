using Unlearn.Examples.ErasureWebApi;

await using var app = await ErasureApi.CreateAsync(args);
await app.RunAsync();
