using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using SkiaSharp;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Every command on small data.</summary>
public sealed class CommandTests(PeopleStudy people) : IClassFixture<PeopleStudy>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stopped_study_goes_on_and_ends_as_one_that_was_not()
    {
        var whole = await people.Folder;
        var stopped = people.File("stopped");
        using var source = new CancellationTokenSource();
        using StringWriter errors = new() { NewLine = "\n" };
        await using var output = new StoppingWriter("Trials: EU", source);
        Assert.Equal(ExitCodes.Stopped, await UnlearnTool.RunAsync(people.Arguments(stopped), output, errors, isTerminal: false, source.Token));
        Assert.Contains("Finished trials are kept", errors.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(stopped, StudyFiles.Report)));

        var run = await Tool.RunAsync(["report", stopped], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("people, logistic, 110 rows", run.Output, StringComparison.Ordinal);
        foreach (var file in new[] { StudyFiles.Factors, StudyFiles.Hardness, StudyFiles.Outcomes })
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(whole, file), Token), await File.ReadAllTextAsync(Path.Combine(stopped, file), Token));
    }

    [Fact]
    public async Task A_study_says_what_it_understood_and_found()
    {
        var folder = await people.Folder;
        var run = await Tool.RunAsync(["report", folder, "--json"], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(Path.GetFullPath(folder), run.Json.GetProperty("folder").GetString());
        Assert.Equal(["high", "low"], run.Json.GetProperty("summary").GetProperty("classNames").EnumerateArray().Select(name => name.GetString()!));
        Assert.Contains("of 40", run.Errors, StringComparison.Ordinal); // progress
        Assert.All(File.ReadLines(Path.Combine(folder, StudyFiles.Factors)).Skip(1), line => Assert.StartsWith("p", line, StringComparison.Ordinal));
        Assert.Equal(
            $"Report: {Path.GetFullPath(Path.Combine(folder, StudyFiles.Report))}\n", (await Tool.RunAsync(["report", folder, "--quiet"], Token)).Output);
    }

    [Fact]
    public async Task A_folder_of_another_study_is_refused_and_keeps_its_options()
    {
        var folder = await people.Folder;
        var options = await File.ReadAllTextAsync(Path.Combine(folder, OptionsFile.Name), Token);
        var run = await Tool.RunAsync([.. people.Arguments(folder), "--seed", "2"], Token);
        Assert.Equal(ExitCodes.Failure, run.Code);
        Assert.DoesNotContain('\n', run.Errors.Trim());
        Assert.Equal(options, await File.ReadAllTextAsync(Path.Combine(folder, OptionsFile.Name), Token));
        Assert.Equal(ExitCodes.Failure, (await Tool.RunAsync(["report", people.File("")], Token)).Code);
    }

    [Fact]
    public async Task Transfer_compares_studies()
    {
        var folder = await people.Folder;
        var output = people.File("transfer");
        var run = await Tool.RunAsync(["transfer", folder, folder, "--unlearners", "EU", "FT", "--json", "--out", output], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(["EU", "FT"], run.Json.EnumerateArray().Select(matrix => matrix.GetProperty("unlearner").GetString()!));
        Assert.True(File.Exists(Path.Combine(output, "transfer.json")) && File.Exists(Path.Combine(output, "FT.svg")));

        // A study and itself hold the same rows with the same scores, and every row is predicted by a model that has not seen it.
        var same = run.Json[0].GetProperty("sameRows");
        Assert.Equal((2, 1, 1, 0.2), (Of("targets"), Of("spearman"), Of("overlap"), Of("chance")));
        Assert.InRange(Of("overlapCeiling"), 0.2, 1);
        Assert.InRange(Of("spearmanCeiling"), 0, 1);
        var auc = run.Json[0].GetProperty("auc");
        Assert.Equal(auc[0][0].GetProperty("value").GetDouble(), auc[0][1].GetProperty("value").GetDouble());
        var refusal = await Tool.RunAsync(["transfer", folder, "--unlearners", "SSD"], Token);
        Assert.Equal(ExitCodes.Failure, refusal.Code);
        Assert.Contains("EU, FT", refusal.Errors, StringComparison.Ordinal);

        double Of(string name) => same.GetProperty(name).GetDouble();
    }

    [Theory]
    [InlineData("gpu", "--device gpu: 'gpu' is no device: use auto, cpu or cuda:N.")]
    [InlineData("cuda:7", "--device cuda:7: Device 'cuda:7' was asked for, but this ")]
    public async Task A_device_that_is_not_there_is_refused_before_anything_is_trained(string device, string message)
    {
        var folder = people.File($"device-{device.Replace(':', '-')}");
        var run = await Tool.RunAsync(["factors", people.Table, "--label", "income", "--device", device, "--out", folder], Token);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
        run = await Tool.RunAsync([
            "factors", people.Table, "--label", "income", "--device", "auto", "--epochs", "1", "--factors", "Loss", "--out", folder,
        ], Token);
        Assert.True(run.Code == 0, run.Errors);
    }

    [Fact]
    public async Task A_dry_run_counts_and_keeps_nothing()
    {
        var folder = people.File("dry");
        var run = await Tool.RunAsync([.. people.Arguments(folder), "--dry-run", "--json"], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(110, run.Json.GetProperty("rows").GetInt32());
        Assert.Equal([("EU", 20), ("FT", 20)],
            run.Json.GetProperty("unlearners").EnumerateArray().Select(of => (of.GetProperty("name").GetString()!, of.GetProperty("trials").GetInt32())));
        Assert.True(run.Json.GetProperty("minutes").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("sampledRows").ValueKind);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("label")]
    [InlineData("train")]
    public async Task A_dry_run_of_labels_counts_the_most_trials(string command)
    {
        var folder = people.File($"dry-{command}");
        string[] args = [command, people.Table, "--label", "income", "--epochs", "1", "--rows", "60", "--maximum-trials", "50", "--out", folder, "--dry-run"];
        var run = await Tool.RunAsync([.. args, "--json"], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal([("EU", 24), ("FT", 24)],
            run.Json.GetProperty("unlearners").EnumerateArray().Select(of => (of.GetProperty("name").GetString()!, of.GetProperty("trials").GetInt32())));
        Assert.StartsWith("At most about ", (await Tool.RunAsync([.. args, "--quiet"], Token)).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("logistic", "Loss,SelfInfluence,MeanConfidence")]
    [InlineData("mlp", "Loss,GradientNorm")]
    [InlineData("fasttree", "Loss,NeighborDistance")]
    [InlineData("lightgbm", "Entropy")]
    public async Task Factors_are_written_for_every_model_of_tables(string model, string factors)
    {
        var folder = people.File($"factors-{model}");
        var run = await Tool.RunAsync(
            ["factors", people.Table, "--label", "income", "--model", model, "--epochs", "3", "--factors", factors, "--out", folder], Token);
        Assert.True(run.Code == 0, run.Errors);
        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "factors.csv"), Token);
        Assert.Equal($"RowId,{factors}", lines[0]);
        Assert.Equal(121, lines.Length);
        Assert.All(lines.Skip(1), line => Assert.Equal(factors.Split(',').Length + 1, line.Split(',').Length));
        Assert.Contains("Target: train accuracy", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trained_model_of_ML_NET_reads_the_table_by_its_own_columns(bool isBinary)
    {
        using TemporaryFolder folder = new();
        var table = folder.Write("people.csv", TestModels.People(90, isBinary));
        TestModels.Save(new MLContext(seed: 1), table, isBinary, folder.File("model.zip"));

        var run =
            await Tool.RunAsync(["factors", table, "--label", "income", "--model", folder.File("model.zip"), "--out", folder.File("out"), "--json"], Token);
        Assert.True(run.Code == 0, run.Errors);
        var lines = await File.ReadAllLinesAsync(folder.File("out/factors.csv"), Token);
        Assert.Equal(91, lines.Length);
        Assert.StartsWith("RowId,Loss,", lines[0], StringComparison.Ordinal);
        // The loss of the label's class, not of the other: most rows are told rightly.
        Assert.True(lines.Skip(1).Average(line => double.Parse(line.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture)) < Math.Log(2));

        folder.Write("broken.zip", "no model");
        Assert.Equal(ExitCodes.Failure, (await Tool.RunAsync(["factors", table, "--label", "income", "--model", folder.File("broken.zip")], Token)).Code);
        Assert.Equal(ExitCodes.Usage, (await Tool.RunAsync(["study", table, "--label", "income", "--model", folder.File("model.zip")], Token)).Code);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("transformer")]
    public async Task Texts_are_read_word_by_word(string model)
    {
        var table = new StringBuilder("review\tlabel\n");
        for (var i = 0; i < 60; i++)
            table.Append(
                System.Globalization.CultureInfo.InvariantCulture, $"a {(i % 2 == 0 ? "good and fine" : "bad and poor")} film of number {i} in all\t{i % 2}\n");
        using TemporaryFolder folder = new();
        var run = await Tool.RunAsync([
            "factors", folder.Write("reviews.tsv", table.ToString()), "--model", model, "--epochs", "2", "--tokens", "8", "--factors",
            "Loss,GradientNorm", "--out", folder.File("out"),
        ], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(46, (await File.ReadAllLinesAsync(folder.File("out/factors.csv"), Token)).Length);
        // Without a name, texts alone are read as such.
        Assert.Contains($"reviews-text-factors-out", (await Tool.RunAsync([
            "study", folder.File("reviews.tsv"), "--dry-run", "--unlearners", "EU", "--epochs", "2", "--json",
        ], Token)).Output.Replace("reviews-text-out", "reviews-text-factors-out", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_of_images_are_classes()
    {
        using TemporaryFolder folder = new();
        for (var i = 0; i < 40; i++)
        {
            Directory.CreateDirectory(folder.File(i % 2 == 0 ? "dark" : "light"));
            using var bitmap = new SKBitmap(10 + i % 3, 12);
            bitmap.Erase(new SKColor((byte)(i % 2 * 150 + i), (byte)i, 30));
            using var file = File.Create(folder.File($"{(i % 2 == 0 ? "dark" : "light")}/{i}.{(i % 3 == 0 ? "jpg" : i % 3 == 1 ? "png" : "webp")}"));
            bitmap.Encode(file, i % 3 == 0 ? SKEncodedImageFormat.Jpeg : i % 3 == 1 ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Webp, 90);
        }
        var run = await Tool.RunAsync(
            ["factors", folder.Path, "--image-size", "8", "--epochs", "2", "--factors", "Loss,Entropy", "--out", people.File("images")], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("2 classes (dark, light)", run.Output, StringComparison.Ordinal);
        Assert.Equal(33, (await File.ReadAllLinesAsync(people.File("images/factors.csv"), Token)).Length);
        Assert.Equal(ExitCodes.Usage, (await Tool.RunAsync(["factors", folder.Path, "--model", "text"], Token)).Code);

        await File.WriteAllBytesAsync(folder.File("light/3.jpg"), [1, 2, 3], Token);
        await File.WriteAllBytesAsync(folder.File("light/7.png"), RawImages.Png16(12, [1, 2, 3], isAnimated: false)[..^40], Token);
        string[] again = ["factors", folder.Path, "--image-size", "8", "--epochs", "2", "--factors", "Loss", "--out", people.File("fewer")];
        var refused = await Tool.RunAsync(again, Token);
        Assert.Equal(ExitCodes.Failure, refused.Code);
        Assert.Contains(": leave it out, or all that are damaged by --skip-damaged", refused.Errors, StringComparison.Ordinal);
        var fewer = await Tool.RunAsync([.. again, "--skip-damaged"], Token);
        Assert.True(fewer.Code == 0, fewer.Errors);
        Assert.Contains("Left out, since they cannot be decoded: light/3.jpg, light/7.png.", fewer.Output, StringComparison.Ordinal);
        Assert.Equal(31, (await File.ReadAllLinesAsync(people.File("fewer/factors.csv"), Token)).Length);
    }

    [Fact]
    public async Task Labels_are_written_for_every_row()
    {
        var folder = people.File("labels");
        var run = await Tool.RunAsync([
            "label", people.Table, "--label", "income", "--model", "logistic", "--epochs", "2", "--rows", "60", "--unlearners", "EU",
            "--maximum-trials", "40", "--out", folder, "--json",
        ], Token);
        Assert.True(run.Code == 0, run.Errors);
        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "labels.csv"), Token);
        Assert.StartsWith("RowId,HardnessScore,HardnessScoreError,Hard,EU.Score", lines[0], StringComparison.Ordinal);
        Assert.Equal(61, lines.Length);
        Assert.Equal(12, run.Json.GetProperty("hard").GetInt32());
        Assert.Equal(12, lines.Skip(1).Count(line => line.Split(',')[3] == "1"));
    }

    [Theory]
    [InlineData("no")]
    [InlineData("yes")]
    public async Task Calibration_is_left_out_where_it_is_not_wanted(string calibration)
    {
        var folder = people.File($"calibration-{calibration}");
        var run = await Tool.RunAsync([
            "label", people.Table, "--label", "income", "--model", "logistic", "--epochs", "2", "--rows", "60", "--maximum-trials", "40",
            "--calibration", calibration, "--out", folder,
        ], Token);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(calibration == "yes", run.Output.Contains("Calibration:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_doctor_finds_what_every_machine_has()
    {
        var run = await Tool.RunAsync(["doctor", "--json"], Token);
        Assert.True(run.Code == 0, run.Output);
        var checks = run.Json.EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("state").GetString());
        Assert.Equal("fine", checks["native library"]);
        Assert.Equal("fine", checks["versions"]);
        Assert.Contains("native library", (await Tool.RunAsync(["doctor"], Token)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.csv", "There is no file")]
    [InlineData("", "without class folders")]
    public async Task Data_that_cannot_be_read_end_in_one_line(string name, string expected)
    {
        using TemporaryFolder folder = new();
        var run = await Tool.RunAsync(["study", folder.File(name), "--label", "x"], Token);
        Assert.Equal((ExitCodes.Failure, ""), (run.Code, run.Output));
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Trim().Split('\n'));
        Assert.Contains("   at ", (await Tool.RunAsync(["study", folder.File(name), "--label", "x", "--verbose"], Token)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_writes_an_options_file_and_runs_by_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("people.csv", TestTables.People(60));
        var (code, output, errors) = await ProcessAsync(folder.Path, "init", "people.csv", "--label", "income", "--epochs", "1", "--model", "logistic");
        Assert.True(code == 0, errors);
        Assert.Equal("Written: unlearn.json and unlearn.schema.json.\n", output);
        Assert.Equal(OptionsFile.Schema(), await File.ReadAllTextAsync(folder.File("unlearn.schema.json"), Token));
        Assert.Equal(1, (await ProcessAsync(folder.Path, "init")).Code);

        (code, output, errors) = await ProcessAsync(folder.Path, "factors", "--factors", "Loss");
        Assert.True(code == 0, errors);
        Assert.Contains("Options of 'unlearn.json'.", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("people-logistic-factors-out/factors.csv")));
        Assert.DoesNotContain('\u001b', output);
    }

    private static async Task<(int Code, string Output, string Errors)> ProcessAsync(string folder, params string[] args)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Unlearn.Cli.dll"), .. args])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), await errors);
    }
}
