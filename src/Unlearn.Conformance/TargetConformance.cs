using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Transforms;
using static Unlearn.Conformance.ColumnValues;

namespace Unlearn.Conformance;

/// <summary>The rules that every target obeys.</summary>
public static class TargetConformance
{
    /// <summary>All rules, for one target.</summary>
    /// <param name="subject">The target.</param>
    public static IReadOnlyList<ConformanceCheck> Checks(TargetSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return
        [
            Check("It says what it is", SaysWhatItIs),
            Check("Logits are finite, rows × classes, float32, on the CPU and without a graph",
                (target, rows) => IsAnswer(target.Logits, rows.Features, target.ClassCount)),
            Check("Embeddings are finite, rows × dimensions, float32, on the CPU and without a graph",
                (target, rows) => IsAnswer(target.Embed, rows.Features, null)),
            Check("No rows give no answers", NoRowsGiveNone),
            Check("A row alone has the answer that it has among others", (target, rows) => RowAloneIsTheSame(target, rows, subject.Tolerance)),
            Check("Asking again gives the same, and changes no feature", AskingChangesNothing),
            Check("Several threads do not disturb each other", ThreadsDoNotDisturb),
            Check("A clone has a life of its own", CloneIsIndependent),
            Check("It keeps what its capabilities promise", CapabilitiesAreKept),
            Check("Per-row gradients are those of autograd, one row at a time", RowGradientsAreAutograds),
            Check("Of linear outputs the embedding shows all", LinearOutputIsLinear),
            Check("No tensor is left behind", NoTensorIsLeft),
            Check("Disposed, it answers as before or says so", DisposedUseIsSafe),
        ];

        ConformanceCheck Check(string rule, Action<ITarget, TrainingRows> check) => new(rule, () =>
        {
            using var target = subject.CreateTarget();
            using var scope = torch.NewDisposeScope();
            check(target, subject.Rows);
        });
    }

    private static void SaysWhatItIs(ITarget target, TrainingRows rows)
    {
        Require(target.ClassCount == rows.ClassCount && target.FeatureCount == rows.FeatureCount,
            $"it has {target.ClassCount} classes and {target.FeatureCount} features, the rows have {rows.ClassCount} and {rows.FeatureCount}");
        Require(target.ClassNames is not { } names || names.Count == target.ClassCount && names.Distinct(StringComparer.Ordinal).Count() == names.Count,
            "its class names are not one for each class");
        Require(target.Capabilities.HasFlag(TargetCapabilities.Logits), "it does not say that it has logits, which every target has");
        Require(target.Limitation is not { } limitation || !string.IsNullOrWhiteSpace(limitation), "its limitation is empty: give null to say nothing");
    }

    private static void IsAnswer(Func<torch.Tensor, torch.Tensor> ask, torch.Tensor features, int? width)
    {
        var answer = ask(features);
        Require(answer.shape is [var count, var found] && count == features.shape[0] && found == (width ?? found),
            $"the shape is [{string.Join(", ", answer.shape)}]");
        Require(answer.dtype == torch.ScalarType.Float32, $"the values are {answer.dtype}");
        Require(answer.device_type == DeviceType.CPU, $"the values are on {answer.device}");
        Require(!answer.requires_grad, "the values have a gradient graph");
        Require(answer.isfinite().all().item<bool>(), "a value is NaN or infinite");
    }

    private static void NoRowsGiveNone(ITarget target, TrainingRows rows)
    {
        IsAnswer(target.Logits, torch.zeros(0, rows.FeatureCount), target.ClassCount);
        IsAnswer(target.Embed, torch.zeros(0, rows.FeatureCount), (int)target.Embed(rows.Features).shape[1]);
    }

    private static void RowAloneIsTheSame(ITarget target, TrainingRows rows, double tolerance)
    {
        var logits = target.Logits(rows.Features).log_softmax(1);
        var embeddings = target.Embed(rows.Features);
        for (var row = 0; row < rows.Count; row += Math.Max(1, rows.Count / 10))
        {
            var alone = rows.Features.narrow(0, row, 1);
            RequireEqual(ModelState.Values(logits[row]), ModelState.Values(target.Logits(alone).log_softmax(1)), tolerance,
                $"the logits of row {row} alone: one of them");
            RequireEqual(ModelState.Values(embeddings[row]), ModelState.Values(target.Embed(alone)), tolerance, $"the embedding of row {row} alone: one value");
        }
    }

    private static void AskingChangesNothing(ITarget target, TrainingRows rows)
    {
        var features = rows.Features.clone();
        var (logits, embeddings) = (ModelState.Logits(target, features), ModelState.Values(target.Embed(features)));
        Require(features.equal(rows.Features).all().item<bool>(), "the features are changed in place");
        Require(
            logits.AsSpan().SequenceEqual(ModelState.Logits(target, features)) && embeddings.AsSpan().SequenceEqual(ModelState.Values(target.Embed(features))),
            "the second answer is another");
    }

    private static void ThreadsDoNotDisturb(ITarget target, TrainingRows rows)
    {
        var alone = ModelState.Logits(target, rows.Features);
        var together = new float[3][];
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, together.Length).Select(number => new Thread(() =>
        {
            try
            {
                together[number] = ModelState.Logits(target, rows.Features);
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Require(failure is null, $"side by side it throws {failure?.GetType().Name}: {failure?.Message}");
        foreach (var answer in together)
            RequireEqual(alone, answer, 1e-6, "a logit that was asked for side by side");
    }

    private static void CloneIsIndependent(ITarget target, TrainingRows rows)
    {
        var before = ModelState.Of(target, rows);
        var clone = target.Clone();
        Require(!ReferenceEquals(clone, target), "the clone is the target itself");
        Require((clone.ClassCount, clone.FeatureCount, clone.Capabilities) == (target.ClassCount, target.FeatureCount, target.Capabilities),
            "the clone says something else of itself");
        Require((clone.ClassNames ?? []).SequenceEqual(target.ClassNames ?? []), "the clone has other class names");
        Require(before.AsSpan().SequenceEqual(ModelState.Of(clone, rows)), "the clone answers otherwise");
        clone.Dispose();
        Require(before.AsSpan().SequenceEqual(ModelState.Of(target, rows)), "disposing the clone changes the target");
        using var survivor = target.Clone();
        target.Dispose();
        Require(before.AsSpan().SequenceEqual(ModelState.Of(survivor, rows)), "disposing the target changes the clone");
    }

    private static void CapabilitiesAreKept(ITarget target, TrainingRows rows)
    {
        var context = new MLContext(1);
        var data = rows.ToDataView(context);
        foreach (var factor in HardnessFactors.Default.Append(HardnessFactors.LeafInfluence).Where(factor => (factor.Requires & ~target.Capabilities) == 0))
        {
            var output = context.Transforms
                .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [factor], Seed = 1 })
                .Fit(data)
                .Transform(data);
            Require(output.GetColumn<float>(factor.Name).All(float.IsFinite), $"factor {factor.Name}, which it should be able to give, is not finite");
        }
    }

    // Layer by layer: what a sampler of one's own gives is compared, too.
    private static void RowGradientsAreAutograds(ITarget target, TrainingRows rows)
    {
        if (target is not TorchTarget torchTarget)
            return;
        var probe = new GradientProbe();
        var context = new MLContext(1);
        var count = Math.Min(rows.Count, 5);
        var data = context.Data.TakeRows(rows.ToDataView(context), count);
        _ = context.Transforms
            .UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = [probe], Seed = 1 })
            .Fit(data)
            .Transform(data)
            .GetColumn<float>(probe.Name)
            .ToList();
        using var module = torchTarget.CopyModule();
        using var grad = torch.enable_grad();
        var owned = module.named_parameters().Where(parameter => parameter.parameter.requires_grad).ToList();
        for (var row = 0; row < count; row++)
        {
            using var scope = torch.NewDisposeScope();
            var logits = module.call(rows.Features.narrow(0, row, 1).reshape([1, .. torchTarget.Architecture.InputShape]));
            var loss = torch.nn.functional.cross_entropy(logits, torch.tensor([(long)rows.LabelAt(row)]));
            var gradients = torch.autograd.grad([loss], [.. owned.Select(parameter => parameter.parameter)], allow_unused: true);
            var layers = owned.Zip(gradients,
                (parameter, gradient) => (Layer: parameter.name.LastIndexOf('.') is >= 0 and var dot ? parameter.name[..dot] : "(root)", Gradient: gradient))
                .Where(pair => !pair.Gradient.IsInvalid).GroupBy(pair => pair.Layer, pair => pair.Gradient);
            foreach (var layer in layers)
            {
                Require(probe.Gradients[row].TryGetValue(layer.Key, out var given), $"layer '{layer.Key}' gives no per-row gradients");
                float[] expected = [.. layer.SelectMany(gradient => ModelState.Values(gradient))];
                Require(given!.Length == expected.Length, $"layer '{layer.Key}' gives {given.Length} gradients a row, autograd {expected.Length}");
                var scale = expected.Max(Math.Abs);
                for (var i = 0; i < expected.Length; i++)
                    Require(Math.Abs(given[i] - expected[i]) <= 1e-3 * scale + 1e-6,
                        Invariant($"gradient {i} of layer '{layer.Key}' in row {row} is {given[i]:G4}, but autograd's is {expected[i]:G4}"));
            }
        }
    }

    private static void LinearOutputIsLinear(ITarget target, TrainingRows rows)
    {
        if (!target.Capabilities.HasFlag(TargetCapabilities.LinearOutput))
            return;
        var embeddings = target.Embed(rows.Features).to(torch.ScalarType.Float64);
        if (embeddings.shape[1] + 1 >= rows.Count)
            return; // any answers would do
        var inputs = torch.cat([embeddings, torch.ones([rows.Count, 1], torch.ScalarType.Float64)], 1);
        var logits = target.Logits(rows.Features).to(torch.ScalarType.Float64);
        var outputs = logits - logits.mean([1], keepdim: true);
        var residual = (inputs.matmul(torch.linalg.pinv(inputs).matmul(outputs)) - outputs).abs().max().item<double>();
        Require(residual <= 1e-3 * Math.Max(1, outputs.abs().max().item<double>()),
            Invariant($"the best linear map of the embeddings misses a logit by {residual:G3}"));
    }

    private static void NoTensorIsLeft(ITarget target, TrainingRows rows)
    {
        var uses = new (string Name, Func<IDisposable> Use)[]
        {
            ("the logits", () => target.Logits(rows.Features)),
            ("the embedding", () => target.Embed(rows.Features)),
            ("a clone", target.Clone),
        };
        foreach (var (name, use) in uses)
        {
            use().Dispose();
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            use().Dispose();
            var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
            Require(left <= 0, $"{name}, once disposed, leaves {left} tensors behind");
        }
    }

    private static void DisposedUseIsSafe(ITarget target, TrainingRows rows)
    {
        var before = ModelState.Logits(target, rows.Features);
        target.Dispose();
        target.Dispose();
        try
        {
            Require(before.AsSpan().SequenceEqual(ModelState.Logits(target, rows.Features)), "it answers otherwise");
        }
        catch (Exception refusal) when (refusal is ObjectDisposedException or InvalidOperationException)
        {
            // It says so.
        }
    }
}
