using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

/// <summary>Bad input is refused before anything is trained, and the message names it and the remedy.</summary>
public sealed class HardnessModelInputTests
{
    private static readonly PlantedMemory Planted = new(300, 1);

    [Theory]
    [InlineData("RowId", "row ids")]
    [InlineData("Hard", "hard rows")]
    [InlineData("FT.Seconds", "set Seconds")]
    [InlineData("ResidualMemoryTolerance", "set Tolerance")]
    public void Labels_without_a_column(string column, string remedy)
    {
        var message = Assert.Throws<ArgumentOutOfRangeException>(() => Create(Planted.Labels(without: column))).Message;
        Assert.Contains($"'{column}'", message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range()
    {
        UnlearningHardnessEstimator.Options[] bad =
        [
            new() { Confidence = 1 }, new() { Confidence = double.NaN }, new() { CalibrationShare = 0 }, new() { Tolerance = -1 },
            new() { Tolerance = double.PositiveInfinity },
            new() { Seconds = new Dictionary<string, double> { ["FT"] = -1 } }, new() { LabelColumnName = "FT.Seconds" },
        ];
        foreach (var options in bad)
            Assert.Throws<ArgumentOutOfRangeException>(() => Create(Planted.Labels(), options));
    }

    [Theory]
    [InlineData("UnlearnFactors", "append UnlearnFactors")]
    [InlineData("RowId", "labels are found by it")]
    [InlineData("Features", "GroupColumnName")]
    public void Rows_without_a_column(string column, string remedy)
    {
        var rows = new MLContext(1).Transforms.DropColumns(column).Fit(Planted.Rows()).Transform(Planted.Rows());
        var message = Assert.Throws<ArgumentOutOfRangeException>(() => Create(Planted.Labels()).Fit(rows)).Message;
        Assert.Contains($"'{column}'", message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_of_another_type()
    {
        Assert.Contains("Features", Refused(new() { GroupColumnName = "Features" }), StringComparison.Ordinal);
        Assert.Contains("vector", Refused(new() { FactorColumnName = "Text" }), StringComparison.Ordinal);

        static string Refused(UnlearningHardnessEstimator.Options options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => Create(Planted.Labels(), options).Fit(Planted.Rows())).Message;
    }

    [Fact]
    public void Values_that_cannot_be_learned()
    {
        Assert.Contains("NaN for row '7'", Refused(Planted.Labels(ft: row => row == 7 ? float.NaN : 1)), StringComparison.Ordinal);
        Assert.Contains("-1 for row '8'", Refused(Planted.Labels(ft: row => row == 8 ? -1 : 1)), StringComparison.Ordinal);
        Assert.Contains("None of the 300 labeled rows is hard", Refused(Planted.Labels(hard: _ => false)), StringComparison.Ordinal);
        Assert.Contains("All of the 300 labeled rows are hard", Refused(Planted.Labels(hard: _ => true)), StringComparison.Ordinal);
        Assert.Contains("Row '0' is 300 times in the labels", Refused(Planted.Labels(ids: new int[300])), StringComparison.Ordinal);
        int[] others = [.. Enumerable.Range(5000, 300)];
        Assert.Contains("None of the 300 labeled rows, such as '5000'", Refused(Planted.Labels(ids: others)), StringComparison.Ordinal);
        Assert.Contains("is exact", Refused(Planted.Labels(hasExact: false)), StringComparison.Ordinal);
        Assert.Contains("takes 999", Refused(Planted.Labels(), new() { Confidence = 0.999 }), StringComparison.Ordinal);
        Assert.Contains("fewer than 10 groups", Refused(Planted.Labels(), new() { CalibrationShare = 0.99 }), StringComparison.Ordinal);
        Planted.AllFactors[11][2] = float.NaN;
        try
        {
            Assert.Contains("Factor '2' of row '11' is NaN", Refused(Planted.Labels()), StringComparison.Ordinal);
        }
        finally
        {
            Planted.AllFactors[11][2] = 0.5f;
        }

        static string Refused(IDataView labels, UnlearningHardnessEstimator.Options? options = null) =>
            Assert.Throws<InvalidOperationException>(() => Create(labels, options).Fit(Planted.Rows())).Message;
    }

    [Fact]
    public void Rows_with_other_factors_than_it_was_trained_on()
    {
        var context = new MLContext(1);
        var model = Create(Planted.Labels()).Fit(Named("a", "b", "c", "d", "e"));
        Assert.Equal(300, model.Transform(Named("a", "b", "c", "d", "e")).GetColumn<float>("HardProbability").Count());
        Assert.Contains("slot 1 is 'c', but 'b'", Refused("a", "c", "b", "d", "e"), StringComparison.Ordinal);
        Assert.Contains("trained on 5 factors, the column has 4", Refused("a", "b", "c", "d"), StringComparison.Ordinal);

        string Refused(params string[] names) => Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(Named(names))).Message;

        IDataView Named(params string[] names)
        {
            var rows = Planted.Rows();
            for (var i = 0; i < names.Length; i++)
                rows.Add(names[i], [.. Planted.AllFactors.Select(factors => factors[i])]);
            return context.Transforms.Concatenate("UnlearnFactors", names).Fit(rows).Transform(rows);
        }
    }

    [Fact]
    public void A_damaged_file()
    {
        var context = new MLContext(1);
        var model = Create(Planted.Labels()).Fit(Planted.Rows());
        using var file = new MemoryStream();
        context.Model.Save(model, Planted.Rows().Schema, file);
        using var altered = new MemoryStream();
        using (var from = new System.IO.Compression.ZipArchive(file))
        using (var to = new System.IO.Compression.ZipArchive(altered, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            foreach (var entry in from.Entries)
            {
                using var source = entry.Open();
                using var content = new MemoryStream();
                source.CopyTo(content);
                var bytes = content.ToArray();
                if (entry.FullName.EndsWith("manifest.json", StringComparison.Ordinal))
                    bytes[^3] ^= 1;
                using var destination = to.CreateEntry(entry.FullName).Open();
                destination.Write(bytes);
            }
        altered.Position = 0;
        var message = Assert.ThrowsAny<Exception>(() => context.Model.Load(altered, out _)).GetBaseException().Message;
        Assert.Contains("hardness models are damaged (entry 'manifest.json' is not what was saved)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fit_stops_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => Create(Planted.Labels(), new() { CancellationToken = stop.Token }).Fit(Planted.Rows()));
    }

    private static UnlearningHardnessEstimator Create(IDataView labels, UnlearningHardnessEstimator.Options? options = null) =>
        new MLContext(1).Transforms.UnlearningHardness(labels, options ?? new());
}
