using System.Text.RegularExpressions;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Help texts, and the documents that show command lines.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Commands =>
        ["", "doctor", "study", "factors", "label", "train", "triage", "erase", "verify", "report", "transfer", "worker", "init"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_is_as_it_was_read(string command)
    {
        var run = await Tool.RunAsync(command.Length == 0 ? ["--help"] : [command, "--help"]);
        Assert.Equal((0, ""), (run.Code, run.Errors));
        // The name of the program that runs it.
        var help = string.Join('\n', run.Output.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Replace(
            System.CommandLine.RootCommand.ExecutableName, "unlearn", StringComparison.Ordinal);
        Golden.AssertEqual($"help{(command.Length == 0 ? "" : "-" + command)}.txt", help);
    }

    [Fact]
    public void Every_command_line_of_the_documents_is_in_order()
    {
        var seen = 0;
        foreach (var document in new[] { "README.md", "docs/cli.md", "docs/erasure.md", "src/Unlearn.Cli/README.md" })
            foreach (var line in Golden.Read(document).Split('\n'))
                if (CommandLine().Match(line) is { Success: true } found)
                {
                    seen++;
                    var args = found.Groups["args"].Value.Replace("dotnet run -c Release --project src/Unlearn.Cli --", "", StringComparison.Ordinal);
                    var parsed = UnlearnTool.Create(new Screen(TextWriter.Null, TextWriter.Null, false)).Parse(args);
                    Assert.True(parsed.Errors.Count == 0, $"{document}: {line}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
                }
        Assert.InRange(seen, 8, 100);
    }

    [Fact]
    public void The_document_lists_every_setting_and_exit_code()
    {
        var document = Golden.Read("docs/cli.md");
        Assert.All(KnownSettings.All.Where(setting => setting != KnownSettings.Data),
            setting => Assert.Contains($"`--{setting.Name}", document, StringComparison.Ordinal));
        foreach (var code in new[] { ExitCodes.Success, ExitCodes.Failure, ExitCodes.Usage, ExitCodes.Stopped })
            Assert.Contains($"| {code} |", document, StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^\$? ?(unlearn|dotnet run -c Release --project src/Unlearn\.Cli --) "
        + @"(?<args>(doctor|study|factors|label|train|triage|erase|verify|report|transfer|init)\b[^#|]*)$")]
    private static partial Regex CommandLine();
}
