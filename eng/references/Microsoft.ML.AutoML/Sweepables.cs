using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public interface ISweepable<out T>
    where T : IEstimator<ITransformer>
{
    T BuildFromOption(MLContext context, Parameter parameter);
}

public class SweepableEstimator : ISweepable<IEstimator<ITransformer>>
{
    public SweepableEstimator(Func<MLContext, Parameter, IEstimator<ITransformer>> factory, Microsoft.ML.SearchSpace.SearchSpace ss) => throw null!;

    public virtual IEstimator<ITransformer> BuildFromOption(MLContext context, Parameter parameter) => throw null!;
}

public class SweepablePipeline : ISweepable<EstimatorChain<ITransformer>>
{
    internal SweepablePipeline() { }

    public EstimatorChain<ITransformer> BuildFromOption(MLContext context, Parameter parameter) => throw null!;

    public SweepablePipeline Append(params ISweepable<IEstimator<ITransformer>>[] sweepables) => throw null!;

    public string ToString(Parameter parameter) => throw null!;
}

public static class SweepableExtension
{
    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, SweepableEstimator estimator1) => throw null!;

    public static SweepablePipeline Append(this SweepablePipeline pipeline, IEstimator<ITransformer> estimator) => throw null!;

    public static SweepablePipeline Append(this SweepableEstimator estimator, IEstimator<ITransformer> estimator1) => throw null!;
}
