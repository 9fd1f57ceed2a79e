using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

public sealed class UnlearnerTests : IDisposable
{
    private readonly TrainingRows _rows = TinyStudy.Rows(90);
    private readonly TorchTarget _target;

    public UnlearnerTests() => _target = TinyStudy.Recipe.Train(_rows, Enumerable.Range(0, 90).ToArray(), seed: 3);

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    private UnlearningRequest Request(params int[] forget) => new(_target, TinyStudy.Recipe, _rows, forget, seed: 11);

    private float[] Logits(ITarget model)
    {
        using var logits = model.Logits(_rows.Features);
        using var scope = torch.NewDisposeScope();
        return torch.nn.functional.log_softmax(logits, 1).data<float>().ToArray();
    }

    private static void AssertSame(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    [Fact]
    public void Exact_retraining_is_the_recipe_on_the_retained_rows()
    {
        using var unlearned = new ExactRetraining().Unlearn(Request(5, 7), CancellationToken.None);
        using var expected = TinyStudy.Recipe.Train(_rows, Enumerable.Range(0, 90).Where(row => row is not (5 or 7)).ToArray(), seed: 11);
        AssertSame(Logits(expected), Logits(unlearned.Model));
    }

    [Fact]
    public void Sisa_with_one_shard_and_one_slice_is_exact_retraining()
    {
        using var sisa = new Sisa { Shards = 1, Slices = 1 }.Unlearn(Request(5, 7), CancellationToken.None);
        using var exact = new ExactRetraining().Unlearn(Request(5, 7), CancellationToken.None);
        AssertSame(Logits(exact.Model), Logits(sisa.Model));
    }

    [Fact]
    public void Sisa_forgets_exactly_and_leaves_the_other_shards_alone()
    {
        using var sisa = new Sisa().Unlearn(Request(5), CancellationToken.None);
        var before = ((EnsembleTarget)sisa.Original!).Members;
        var after = ((EnsembleTarget)sisa.Model).Members;
        Assert.Single(before.Zip(after), pair => !Logits(pair.First).AsSpan().SequenceEqual(Logits(pair.Second)));

        // What row 5 looks like makes no difference once it is forgotten.
        var changed = _rows.CopyFeatures();
        changed.AsSpan(5 * _rows.FeatureCount, _rows.FeatureCount).Fill(9);
        using var otherRows =
            new TrainingRows(_rows.Ids, changed, _rows.FeatureCount, [.. Enumerable.Range(0, 90).Select(row => (long)_rows.LabelAt(row))], _rows.ClassCount);
        using var other = new Sisa().Unlearn(new UnlearningRequest(_target, TinyStudy.Recipe, otherRows, [5], seed: 11), CancellationToken.None);
        AssertSame(Logits(sisa.Model), Logits(other.Model));
    }

    [Fact]
    public void Fine_tuning_starts_from_the_target_and_leaves_it_as_it_is()
    {
        var before = Logits(_target);
        using var unlearned = new FineTuning().Unlearn(Request(5, 7), CancellationToken.None);
        Assert.Equal(before, Logits(_target));
        Assert.NotEqual(before, Logits(unlearned.Model));
        using var again = new FineTuning().Unlearn(Request(5, 7), CancellationToken.None);
        AssertSame(Logits(unlearned.Model), Logits(again.Model));
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => Request()).Message, StringComparison.Ordinal);
        Assert.Contains("all 90 rows", Assert.Throws<ArgumentException>(() => Request([.. Enumerable.Range(0, 90)])).Message, StringComparison.Ordinal);
        Assert.Contains("'4' twice", Assert.Throws<ArgumentException>(() => Request(4, 4)).Message, StringComparison.Ordinal);
        Assert.Contains("position 90", Assert.Throws<ArgumentException>(() => Request(90)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 100", Assert.Throws<ArgumentException>(() => new Sisa { Shards = 50 }.Unlearn(Request(1), CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }
}
