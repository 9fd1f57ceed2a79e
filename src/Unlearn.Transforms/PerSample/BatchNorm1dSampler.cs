using TorchSharp.Modules;

namespace Unlearn.Transforms.PerSample;

internal sealed class BatchNorm1dSampler(BatchNorm1d layer) : BatchNormSampler<BatchNorm1d>(layer);
