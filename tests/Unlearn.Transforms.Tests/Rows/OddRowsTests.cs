using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>Rows as people have them: each is named with what is wrong with it.</summary>
public sealed class OddRowsTests
{
    private const int Width = 6;
    private const int Vocabulary = 10;
    private const int Bad = 7;
    private readonly MLContext _context = new(1);

    [Theory]
    [InlineData(Vocabulary)]
    [InlineData(-1)]
    [InlineData(2.7f)]
    public void A_token_outside_the_vocabulary_is_named_with_its_row(float token)
    {
        var architecture = TorchArchitecture.BagOfTokens(Width, Vocabulary, 3, TinyRows.Classes);
        using var good = TrainingRows.FromDataView(Tokens(1));
        using var target = TinyRows.Trained(architecture, good);
        using var transformer = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.Entropy] })
            .Fit(Tokens(1));
        Action[] readers =
        [
            () => TinyRows.Trained(architecture, TrainingRows.FromDataView(Tokens(token))).Dispose(),
            () => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target }).Fit(Tokens(token)).Dispose(),
            () => _ = transformer.Transform(Tokens(token)).GetColumn<float>("Entropy").ToArray(),
        ];
        foreach (var read in readers)
        {
            var message = Assert.ThrowsAny<Exception>(read).Message;
            Assert.Contains(FormattableString.Invariant($"token {token} in slot 2"), message, StringComparison.Ordinal);
            Assert.Contains("'7'", message, StringComparison.Ordinal);
            Assert.Contains("0 to 9", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_row_id_that_is_there_twice_is_refused()
    {
        var rows = TinyRows.Create(20, Width);
        rows[Bad].RowId = "3";
        using var training = TinyRows.Training(20, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes), training);
        var estimator = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target });
        Assert.Contains("'3' in 2 rows", Assert.Throws<InvalidOperationException>(() => estimator.Fit(TinyRows.View(_context, rows, Width))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_a_billion_values_is_refused_with_the_count()
    {
        var schema = SchemaDefinition.Create(typeof(TinyRows.Row));
        schema[nameof(TinyRows.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        schema[nameof(TinyRows.Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), 1_000_000_000);
        var data = _context.Data.LoadFromEnumerable(TinyRows.Create(20, Width), schema);
        Assert.Contains("key of 1000000000 values", Assert.Throws<ArgumentOutOfRangeException>(() => TrainingRows.FromDataView(data)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Features_far_from_one_are_named_where_linear_algebra_fails()
    {
        using var training = TinyRows.Training(40, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), training);
        var rows = TinyRows.Create(40, Width);
        rows.ForEach(row => row.Features = [.. row.Features.Select(value => value * 1e20f)]);
        var options = new UnlearnFactorsEstimator.Options { Target = target, Factors = [HardnessFactors.SelfInfluence] };
        var data = TinyRows.View(_context, rows, Width);
        var message = Assert.Throws<InvalidOperationException>(() => _context.Transforms.UnlearnFactors(options).Fit(data)).Message;
        foreach (var word in new[] { "SelfInfluence", "E+20", "slot", "NormalizeMeanVariance" })
            Assert.Contains(word, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_batch_size_out_of_range_is_refused(int size)
    {
        using var training = TinyRows.Training(20, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes), training);
        var options = new UnlearnFactorsEstimator.Options { Target = target, BatchSize = size };
        Assert.Contains("BatchSize", Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.UnlearnFactors(options)).Message,
            StringComparison.Ordinal);
    }

    private IDataView Tokens(float odd)
    {
        var rows = TinyRows.Create(20, Width);
        foreach (var row in rows)
            row.Features = [.. row.Features.Select((_, i) => (float)((i + row.Label) % Vocabulary))];
        rows[Bad].Features[2] = odd;
        return TinyRows.View(_context, rows, Width);
    }
}
