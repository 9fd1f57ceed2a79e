using System.Text.Json;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Options file, <c>--set</c> and options: the later one counts, and all are checked alike.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task The_command_line_wins_over_set_and_set_over_the_file()
    {
        using TemporaryFolder folder = new();
        var file = folder.Write("options.json", """{ "rows": 100, "testRows": 50, "epochs": 3, /* of trees too */ "unlearners": "EU,SISA", }""");
        var values = await ResolveAsync("study", "t.csv", "--options", file, "--set", "testRows=60", "--set", "epochs=4", "--epochs", "5");
        Assert.Equal((100, 60, 5, "t.csv"), (
            values.Integer(KnownSettings.Rows), values.Integer(KnownSettings.TestRows), values.Integer(KnownSettings.Epochs), values.Text(KnownSettings.Data)));
    }

    [Theory]
    [InlineData("--rows 5", "--rows must be at least 20, not 5.")]
    [InlineData("--rows many", "--rows must be a whole number, not 'many'.")]
    [InlineData("--rows 100.5", "--rows must be a whole number, not '100.5'.")]
    [InlineData("--tokens 0", "--tokens must be between 1 and 4096, not 0.")]
    [InlineData("--model forest",
        "--model must be one of mlp, logistic, lightgbm, fasttree, cnn, resnet18, text, transformer or a .zip or .onnx file, not 'forest'.")]
    [InlineData("--trainer forest", "--trainer must be one of fasttree, lightgbm, fastforest, logistic, search, not 'forest'.")]
    [InlineData("--trials 7", "--trials must be an even number: half of them make up each half.")]
    [InlineData("--single-rows 49", "--single-rows must be 0, or at least 50.")]
    [InlineData("--reference-models 3", "--reference-models must be 0, or at least 4.")]
    [InlineData("--calibration maybe", "--calibration must be one of yes, no, not 'maybe'.")]
    [InlineData("--set confidence=1", "--set confidence must be between 0.01 and 0.999, not 1.")]
    [InlineData("--set auditModels=3", "--audit-models must be 0, or at least 4.")]
    [InlineData("--short --full", "--short and --full exclude each other.")]
    [InlineData("--unlearners EU,EU", "--unlearners names EU twice.")]
    [InlineData("--unlearners SISA,FT", "FT is scored by its residual memory against retrained models: add EU to --unlearners.")]
    [InlineData("--set rows", "--set takes key=value, not 'rows'.")]
    [InlineData("--set row=100", "--set sets 'row', which is nothing that can be set. Near it are 'rows',")]
    [InlineData("--options absent.json", "The options file 'absent.json' cannot be read:")]
    [InlineData("--rows 100 --rows 200", "Option '--rows' expects a single argument")]
    [InlineData("--row 100", "Unrecognized command or argument '--row'.")]
    public async Task A_wrong_command_line_is_refused_before_anything_is_read(string options, string expected)
    {
        var run = await Tool.RunAsync(["study", "absent.csv", .. options.Split(' ')]);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.StartsWith(expected, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{ \"rows\": {} }", "\"rows\"")]
    [InlineData("{ \"rows\": null }", "\"rows\"")]
    [InlineData("{ \"rows\": [] }", "is empty")]
    [InlineData("{ \"lable\": \"x\" }", "Near it are 'label'")]
    [InlineData("{ \"rows\": 3 }", "must be at least 20")]
    [InlineData("{", "is no JSON")]
    public void A_wrong_options_file_is_refused_by_name(string content, string expected)
    {
        using TemporaryFolder folder = new();
        var path = folder.Write("unlearn.json", content);
        var message = Assert.Throws<UsageException>(() => OptionsFile.Read(path, new())).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_written_file_reads_back_and_comments_on_every_setting()
    {
        var values = new SettingValues();
        values.Set(KnownSettings.Label, ["income \"€\""], "here");
        values.Set(KnownSettings.LearningRate, ["0.05"], "here");
        values.Set(KnownSettings.Short, ["true"], "here");
        values.Set(KnownSettings.Column, ["a,b=number", "c=text"], "here");
        using TemporaryFolder folder = new();
        foreach (var content in new[] { OptionsFile.Of(values), OptionsFile.Commented(values) })
        {
            var read = new SettingValues();
            OptionsFile.Read(folder.Write("unlearn.json", content), read);
            Assert.Equal(JsonSerializer.Serialize(values.ByKey), JsonSerializer.Serialize(read.ByKey));
        }
        Assert.All(KnownSettings.All, setting => Assert.Contains($"\"{setting.Key}\": ", OptionsFile.Commented(values), StringComparison.Ordinal));
    }

    [Fact]
    public void The_schema_knows_every_setting_and_its_range()
    {
        using var schema = JsonDocument.Parse(OptionsFile.Schema());
        var properties = schema.RootElement.GetProperty("properties");
        Assert.Equal([.. KnownSettings.All.Select(setting => setting.Key).Order(StringComparer.Ordinal), ],
            properties.EnumerateObject().Select(property => property.Name).Where(name => name != "$schema").Order(StringComparer.Ordinal));
        Assert.Equal(20, properties.GetProperty("rows").GetProperty("minimum").GetInt32());
        Assert.Equal("boolean", properties.GetProperty("short").GetProperty("type").GetString());
        Assert.Contains("mlp", properties.GetProperty("model").GetProperty("examples").EnumerateArray().Select(choice => choice.GetString()));
        Assert.Contains("fasttree", properties.GetProperty("trainer").GetProperty("enum").EnumerateArray().Select(choice => choice.GetString()));
    }

    [Fact]
    public void Keys_and_names_are_each_another()
    {
        Assert.Equal(KnownSettings.All.Count, KnownSettings.All.Select(setting => setting.Key).Distinct().Count());
        Assert.Equal("testRows", KnownSettings.TestRows.Key);
    }

    private static Task<SettingValues> ResolveAsync(params string[] args)
    {
        var common = new CommonOptions();
        using var output = new StringWriter();
        var command = new System.CommandLine.RootCommand { common.Options, common.Set };
        var study = new System.CommandLine.Command("study") { common.Options, common.Set };
        var options = new SettingOptions(study, KnownSettings.All);
        command.Add(study);
        return Task.FromResult(options.Resolve(command.Parse(args), common, new Screen(output, output, false), defaultFile: null));
    }
}
