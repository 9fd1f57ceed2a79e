using AllPackages;

// Each package does something that needs all of its dependencies.
using var folder = new TemporaryFolder();
await ErasureHost.ServeAsync(folder.In("workspace"));
Classifiers.OfOnnx(folder.In("model.onnx"));
Classifiers.OfPyTorch(folder.In("weights.safetensors"));
Classifiers.OfTexts(folder.In("model.zip"));
Unlearn.USearch.HnswNeighbors.Register();
Workers.Show();
await Workers.RefuseAsync(folder.In("blobs"));
