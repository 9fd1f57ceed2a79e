using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>What a project references under given properties: it is evaluated, not restored.</summary>
internal static class ProjectEvaluation
{
    public static async Task<JsonDocument> OfAsync(string project, string[] options)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["msbuild", project, "-getItem:PackageReference,ProjectReference", "-getProperty:NuGetLockFilePath,IsPackable", .. options])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        // What 'dotnet test' tells its own children is not meant for another MSBuild.
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return JsonDocument.Parse(output);
    }
}
