using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.Cli.Terminal;
using Unlearn.Integration.Tests.Onnx;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary><c>unlearn factors --model model.onnx</c>.</summary>
public sealed class OnnxFileTests : IDisposable
{
    private const int Rows = 60;

    // Class 10 follows class 9: as texts it would come first.
    private static readonly string[] Classes = ["2", "9", "10"];
    private static readonly float[] Weights = [2, 0, -2, -1, 2, -1];
    private static readonly float[] Bias = [0.1f, 0, -0.1f];
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Weights_are_read_and_the_losses_are_those_of_the_models_scores()
    {
        await File.WriteAllBytesAsync(_folder.File("model.onnx"), OnnxModels.Linear(Weights, Bias, [0, 2], softmax: true), Token);
        var rows = Draw(Classes);
        var (headings, values) = await FactorsAsync(Table(rows));
        Assert.Contains("GradientNorm", headings);
        Assert.Contains("SelfInfluence", headings);
        Assert.All(rows.Zip(values), pair => Assert.Equal(Loss(pair.First), pair.Second[Array.IndexOf(headings, "Loss")], 1e-4));
    }

    [Fact]
    public async Task Trees_are_a_black_box()
    {
        var rows = Draw(["no", "yes"]);
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(rows.Select(row => new Point { Features = [row.X, row.Y], Label = row.Class == "yes" }).ToList());
        var model = context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 10, NumberOfThreads = 1 }).Fit(data);
        using (var stream = File.Create(_folder.File("model.onnx")))
            context.Model.ConvertToOnnx(model, context.Data.LoadFromEnumerable([new Input()]), stream);

        var (headings, values) = await FactorsAsync(Table(rows));
        Assert.DoesNotContain("GradientNorm", headings);
        var expected = model.Transform(data).GetColumn<float>("Probability").Zip(rows, (probability, row) =>
            -Math.Log(row.Class == "yes" ? probability : 1 - probability));
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second[Array.IndexOf(headings, "Loss")], 1e-3));
    }

    [Fact]
    public async Task What_does_not_fit_is_said_in_a_line()
    {
        var table = Table(Draw(Classes));
        Assert.Contains("There is no model", await ErrorAsync(table), StringComparison.Ordinal);
        _folder.Write("model.onnx", "no model");
        Assert.Contains("cannot be read as a classifier", await ErrorAsync(table), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(_folder.File("model.onnx"), OnnxModels.Linear(new float[9], new float[3], [0, 3]), Token);
        Assert.Contains("reads 3 numbers as 'Features'", await ErrorAsync(table), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(_folder.File("model.onnx"), OnnxModels.Linear(new float[8], new float[4], [0, 2]), Token);
        Assert.Contains("tells 4 classes apart, and 'label' of", await ErrorAsync(table), StringComparison.Ordinal);
    }

    private sealed record Cells(float X, float Y, string Class);

    private class Input
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [0, 0];
    }

    private sealed class Point : Input
    {
        public bool Label { get; set; }
    }

    private static List<Cells> Draw(string[] classes)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Rows).Select(row => new Cells(
            MathF.Round((float)random.NextDouble() * 4 - row % classes.Length, 3), MathF.Round((float)random.NextDouble() * 4 - 2, 3),
            classes[row % classes.Length]))];
    }

    private string Table(List<Cells> rows)
    {
        var csv = new StringBuilder("x,y,label\n");
        foreach (var row in rows)
            csv.Append(CultureInfo.InvariantCulture, $"{row.X},{row.Y},{row.Class}\n");
        return _folder.Write("table.csv", csv.ToString());
    }

    private static double Loss(Cells row)
    {
        var scores = Enumerable.Range(0, 3).Select(i => (double)row.X * Weights[i] + row.Y * Weights[3 + i] + Bias[i]).ToList();
        return Math.Log(scores.Sum(Math.Exp)) - scores[Array.IndexOf(Classes, row.Class)];
    }

    private async Task<(string[] Headings, List<double[]> Values)> FactorsAsync(string table)
    {
        var run = await Tool.RunAsync(["factors", table, "--label", "label", "--model", _folder.File("model.onnx"), "--out", _folder.File("out")], Token);
        Assert.True(run.Code == ExitCodes.Success, run.Errors);
        var lines = await File.ReadAllLinesAsync(_folder.File("out/factors.csv"), Token);
        return (lines[0].Split(','), [.. lines.Skip(1)
            .OrderBy(line => int.Parse(line.Split(',')[0], CultureInfo.InvariantCulture))
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())]);
    }

    private async Task<string> ErrorAsync(string table)
    {
        var run = await Tool.RunAsync(["factors", table, "--label", "label", "--model", _folder.File("model.onnx")], Token);
        Assert.Equal(ExitCodes.Failure, run.Code);
        return Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.Contains("model", StringComparison.Ordinal));
    }
}
