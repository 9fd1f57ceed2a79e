using System.Text.Json;

namespace Unlearn.Cli.Tests;

/// <summary>Runs the tool in this process, as from a pipe.</summary>
internal static class Tool
{
    public static async Task<ToolRun> RunAsync(string[] args, CancellationToken cancellationToken = default)
    {
        using StringWriter output = new() { NewLine = "\n" }, errors = new() { NewLine = "\n" };
        var code = await UnlearnTool.RunAsync(args, output, errors, isTerminal: false, cancellationToken);
        return new(code, output.ToString(), errors.ToString());
    }
}

/// <summary>What a run of the tool left.</summary>
internal sealed record ToolRun(int Code, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}
