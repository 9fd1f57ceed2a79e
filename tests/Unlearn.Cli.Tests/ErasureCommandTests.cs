using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Erasures;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>From a trained model to a certificate: <c>train</c>, <c>triage</c>, <c>erase</c> and <c>verify</c>.</summary>
public sealed class ErasureCommandTests(TrainedPeople people) : IClassFixture<TrainedPeople>
{
    // Requests that retraining alone may serve: they wait, but not where it should have started long ago.
    private static readonly string[] Retrains = ["--methods", "EU"];
    private static readonly string[] RetrainsNow = ["--methods", "EU", "--lead-days", "60"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_planned_served_and_proven()
    {
        var folder = people.Copy();
        var log = await File.ReadAllBytesAsync(Path.Combine(folder, "workspace", "log.jsonl"), Token);
        var ids = Ids(folder)[..2];
        var plan = await RunAsync("triage", folder, "--rows", string.Join(',', ids), "--json");
        Assert.Equal(ids, plan.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("rowId").GetString()!));
        Assert.Equal(people.ModelHash, plan.Json.GetProperty("modelHash").GetString());
        Assert.Equal(log, await File.ReadAllBytesAsync(Path.Combine(folder, "workspace", "log.jsonl"), Token));

        var erased = await RunAsync(["erase", folder, "--rows", string.Join(',', ids), "--request", "R-1", "--json", .. RetrainsNow]);
        var result = Assert.Single(erased.Json.GetProperty("results").EnumerateArray());
        Assert.Equal(("R-1", "completed", "EU"), (
            result.GetProperty("request").GetString(), result.GetProperty("state").GetString(), result.GetProperty("method").GetString()));
        Assert.True(File.Exists(result.GetProperty("certificate").GetString()));
        Assert.NotEqual(people.ModelHash, erased.Json.GetProperty("modelHash").GetString());
        Assert.Equal(118, erased.Json.GetProperty("rowsLeft").GetInt32());
        Assert.Empty(Ids(folder).Intersect(ids));

        var hash = erased.Json.GetProperty("logHash").GetString()!;
        Assert.StartsWith("Intact: ", (await RunAsync("verify", folder, "--log-hash", hash)).Output, StringComparison.Ordinal);
        var again = await RunAsync("triage", folder, "--rows", ids[0]);
        Assert.Contains("It was erased by request 'R-1'.", again.Output, StringComparison.Ordinal);
        await RefusedAsync(ExitCodes.Failure, "'R-1' is in the log already", "erase", folder, "--rows", Ids(folder)[0], "--request", "R-1");
    }

    [Fact]
    public async Task Requests_wait_for_one_retraining_and_a_purge_leaves_nothing_of_their_rows()
    {
        var folder = people.Copy();
        var ids = Ids(folder);
        await File.WriteAllTextAsync(people.File("ids.txt"), $"{ids[0]}\n\n {ids[1]} \n", Token);
        Assert.Contains("Waiting: A.",
            (await RunAsync(["erase", folder, "--rows-file", people.File("ids.txt"), "--request", "A", .. Retrains])).Output, StringComparison.Ordinal);
        await RunAsync(["erase", folder, "--rows", ids[2], "--request", "B", "--due", "2999-12-31", .. Retrains]);
        Assert.Contains("Waiting: A, B.", (await RunAsync("erase", folder)).Output, StringComparison.Ordinal);
        Assert.Empty((await RunAsync("erase", folder, "--retrain-if-due", "--json")).Json.GetProperty("results").EnumerateArray());

        var run = await RunAsync("erase", folder, "--retrain", "--purge", "--json");
        Assert.Equal(["A", "B"], run.Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("request").GetString()!));
        Assert.Empty(run.Json.GetProperty("waiting").EnumerateArray());
        Assert.Equal(ids[3..], Ids(folder));
        Assert.Empty(Directory.GetFiles(folder, "trials.db*"));
        var labels = new MLContext(1).Data.LoadFromBinary(Path.Combine(folder, "workspace", "labels.idv"));
        Assert.Empty(labels.GetColumn<string>("RowId").Intersect(ids[..3]));
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".json" or ".jsonl"))
            Assert.DoesNotContain($"\"{ids[0]}\"", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        // What is left is enough to go on with.
        await RunAsync("triage", folder, "--rows", ids[5]);
    }

    [Fact]
    public async Task Rows_are_found_by_the_cells_of_the_table()
    {
        var folder = people.Copy();
        var colors = (await File.ReadAllLinesAsync(people.Table, Token)).Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0]);
        var red = Ids(folder).Where(id => colors[id][3] == "red").ToList();
        var run = await RunAsync("triage", folder, "--where", "color=red", "--json");
        Assert.Equal(red, run.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("rowId").GetString()!));
        // One class of two: nothing could be trained on the other alone.
        await RefusedAsync(ExitCodes.Failure, "of 1 class", "triage", folder, "--where", "label=high");
        await RefusedAsync(ExitCodes.Failure, "of 1 class", "triage", folder, "--where", "income=high");
        await RefusedAsync(ExitCodes.Failure, "Near it are 'color'", "triage", folder, "--where", "colour=red");
        await RefusedAsync(ExitCodes.Failure, "has 'green' in column 'color'", "triage", folder, "--where", "color=green");
    }

    [Fact]
    public async Task Rows_are_the_same_after_a_file()
    {
        var context = new MLContext(1);
        using var rows = LabeledRows();
        var path = people.File("round.idv");
        RowFile.Write(context, path, rows, ["no", "yes"], table: null);
        using var read = TrainingRows.FromDataView(RowFile.Read(context, path));
        Assert.Equal(rows.ContentHash, read.ContentHash);
        Assert.Equal(["no", "yes"], read.ClassNames);
        RowFile.KeepOnly(context, path, rows.Ids.Skip(1).ToHashSet());
        using var left = TrainingRows.FromDataView(RowFile.Read(context, path));
        Assert.Equal(rows.Ids.Skip(1), left.Ids);
        Assert.Equal(rows.FeaturesAt(3).ToArray(), left.FeaturesAt(2).ToArray());
        Assert.Equal(["no", "yes"], left.ClassNames);
        await Task.CompletedTask;

        static TrainingRows LabeledRows() => Studies.LabeledRow.ToTrainingRows(Enumerable.Range(0, 9).Select(i => new Studies.LabeledRow
        {
            RowId = $"r{i}", Features = [i == 4 ? -0f : 0.1f * i, i % 3 == 0 ? 0 : float.Epsilon, -1e30f], Label = (uint)(i % 2),
        }), 3, 2);
    }

    [Fact]
    public async Task A_stopped_training_goes_on_and_ends_in_the_same_model()
    {
        var folder = people.File("stopped");
        Assert.Contains("Finished trials are kept", await StoppedAsync("Trials: ", people.Arguments(folder)), StringComparison.Ordinal);
        await RefusedAsync(ExitCodes.Failure, "was stopped: run the same 'unlearn train' again", "triage", folder, "--rows", "p1");
        // As a kill within the last step leaves it.
        Directory.CreateDirectory(Path.Combine(folder, "workspace", "models"));
        Assert.Equal(people.ModelHash, (await RunAsync([.. people.Arguments(folder), "--json"])).Json.GetProperty("modelHash").GetString());
        await RefusedAsync(ExitCodes.Failure, "has a trained model already", people.Arguments(folder));
        await RefusedAsync(ExitCodes.Failure, "holds nothing that 'unlearn train' wrote", people.Arguments(people.File("")));
    }

    [Fact]
    public async Task A_stopped_erasure_goes_on_where_it_was()
    {
        var folder = people.Copy();
        var ids = Ids(folder);
        Assert.Equal($"Stopped. What is finished is kept: 'unlearn erase {folder} --resume' goes on.\n",
            await StoppedAsync("R-1: EU on 1", ["erase", folder, "--rows", ids[0], "--request", "R-1", .. RetrainsNow]));
        Assert.Contains("Unfinished: R-1.", (await RunAsync("erase", folder)).Output, StringComparison.Ordinal);
        Assert.Contains("R-1: completed by EU.", (await RunAsync(["erase", folder, "--resume", .. RetrainsNow])).Output, StringComparison.Ordinal);

        await RunAsync(["erase", folder, "--rows", ids[1], "--request", "R-2", .. Retrains]);
        Assert.Contains("--retrain' goes on", await StoppedAsync("R-2: EU on 1", ["erase", folder, "--retrain"]), StringComparison.Ordinal);
        Assert.Contains("R-2: completed by EU.", (await RunAsync("erase", folder, "--retrain")).Output, StringComparison.Ordinal);
        Assert.Equal(ids[2..], Ids(folder));
    }

    [Fact]
    public async Task Verification_tells_what_was_changed()
    {
        var folder = people.Copy();
        await RefusedAsync(ExitCodes.Usage, "--log-hash takes 64", "verify", folder, "--log-hash", "abc");
        var other = await Tool.RunAsync(["verify", folder, "--log-hash", new string('a', 64), "--json"], Token);
        Assert.Equal(ExitCodes.Failure, other.Code);
        Assert.False(other.Json.GetProperty("valid").GetBoolean());

        var log = Path.Combine(folder, "workspace", "log.jsonl");
        await File.WriteAllTextAsync(log, (await File.ReadAllTextAsync(log, Token)).Replace("\"rows\":120", "\"rows\":121", StringComparison.Ordinal), Token);
        var run = await Tool.RunAsync(["verify", folder], Token);
        Assert.Equal(ExitCodes.Failure, run.Code);
        Assert.Equal("Entry 0 of the erasure log is not what was written: its hash does not fit its content.\n", run.Output);
        await RefusedAsync(ExitCodes.Failure, "Entry 0 of the erasure log", "triage", folder, "--rows", "p1");
    }

    [Theory]
    [InlineData(ExitCodes.Failure, "'p9999', which the model was never trained on", "--rows p9999")]
    [InlineData(ExitCodes.Failure, "There is no file", "--rows-file absent.txt")]
    [InlineData(ExitCodes.Failure, "names no rows", "--rows ,")]
    [InlineData(ExitCodes.Failure, "names method 'SCRUB'", "--where color=red --methods SCRUB")]
    [InlineData(ExitCodes.Usage, "exclude each other", "--rows p1 --where color=red")]
    [InlineData(ExitCodes.Usage, "--where takes COLUMN=VALUE", "--where color")]
    [InlineData(ExitCodes.Usage, "--due takes a day", "--rows p1 --due tomorrow")]
    [InlineData(ExitCodes.Usage, "--due 2020-01-01 is before the request came", "--rows p1 --due 2020-01-01")]
    [InlineData(ExitCodes.Usage, "is in the future", "--rows p1 --received 2999-01-01")]
    [InlineData(ExitCodes.Usage, "--confidence must be between", "--rows p1 --confidence 2")]
    [InlineData(ExitCodes.Usage, "--request is of a request", "--request R-1")]
    public async Task A_wrong_request_ends_in_one_line(int code, string expected, string options)
    {
        var folder = people.Copy();
        foreach (var command in new[] { "triage", "erase" })
            await RefusedAsync(code, expected, [command, folder, .. options.Split(' ')]);
        Assert.Equal(ExitCodes.Success, (await Tool.RunAsync(["verify", folder], Token)).Code);
    }

    [Fact]
    public async Task Other_folders_and_models_are_refused()
    {
        foreach (var args in new string[][] { ["triage", people.File(""), "--rows", "p1"], ["erase", people.File("absent")], ["verify", people.File("")] })
            await RefusedAsync(ExitCodes.Failure, "is no folder of a trained model", args);
        await RefusedAsync(ExitCodes.Usage, "Which rows?", "triage", people.Copy());
        foreach (var (model, remedy) in new[] { ("fasttree", "take a network by --model"), ("mlp", "add FT to --unlearners") })
            await RefusedAsync(
                ExitCodes.Failure, remedy, "train", people.Table, "--label", "income", "--model", model, "--unlearners", "EU,SISA", "--out", people.File("no"));
        Assert.False(Directory.Exists(people.File("no")));

        var folder = people.Copy();
        await File.WriteAllTextAsync(Path.Combine(folder, "input.json"), "{", Token);
        await RefusedAsync(ExitCodes.Failure, "is damaged", "erase", folder);
        File.Delete(Path.Combine(folder, "rows.idv"));
        await RefusedAsync(ExitCodes.Failure, "rows.idv' is missing", "erase", folder);
    }

    private static List<string> Ids(string folder) =>
        [.. RowFile.Read(new MLContext(1), Path.Combine(folder, "rows.idv")).GetColumn<string>("RowId")];

    private static async Task<ToolRun> RunAsync(params string[] args)
    {
        var run = await Tool.RunAsync(args, Token);
        Assert.True(run.Code == 0, run.Errors + run.Output);
        return run;
    }

    private static async Task RefusedAsync(int code, string expected, params string[] args)
    {
        var run = await Tool.RunAsync(args, Token);
        Assert.Equal((code, 1), (run.Code, run.Errors.Count(letter => letter == '\n')));
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", run.Errors, StringComparison.Ordinal);
    }

    // The errors of a run that is stopped at a line.
    private static async Task<string> StoppedAsync(string line, string[] args)
    {
        using var source = new CancellationTokenSource();
        using StringWriter errors = new() { NewLine = "\n" };
        await using var output = new StoppingWriter(line, source);
        Assert.Equal(ExitCodes.Stopped, await UnlearnTool.RunAsync(args, output, errors, isTerminal: false, source.Token));
        Assert.Single(errors.ToString().TrimEnd().Split('\n'));
        return errors.ToString();
    }
}
